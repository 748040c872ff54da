"""The samples a trial left in its run folder."""

from __future__ import annotations

from agent.store import trials
from agent.store.connection import Store
from agent.study.nouns import Trial
from trainers import samples
from trainers.errors import TunewrightError
from trainers.samples import Samples


def of_trial(store: Store, trial: Trial) -> Samples | None:
    """Those of its latest attempt that left any; None when none did. Raises SamplesError for a damaged file."""
    for attempt in reversed(trials.attempts(store, trial.id)):
        if (found := samples.read(store.folder / attempt["run_dir"])) is not None:
            return found
    return None


def samples_of(store: Store, trial: Trial) -> Samples:
    """Raises TunewrightError when it left none."""
    found = of_trial(store, trial)
    if found is None:
        raise TunewrightError(
            f"t{trial.number} left no samples of what its model answered",
            remedy="Trainers that keep them write them when a trial ends; a script appends to TUNEWRIGHT_SAMPLES."
            if trial.state.ended
            else "They are written when the trial ends.",
        )
    return found
