"""Where an exported config comes from: the lines or fields that travel with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from agent.store.studies import Study
from agent.study.nouns import Trial


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a reader needs to trust a config, or to run it again. `when` is ISO 8601, local time. `value` is the mean of
    the config's `seeds` runs, `deviation` their standard deviation; `seed` that of the first."""

    study: str
    trainer: str
    task: str
    trial: int
    trials: int
    state: str
    metric: str
    direction: str
    value: float | None
    when: str | None
    source: str
    seed: int
    seeds: int
    deviation: float | None
    tunewright: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """Three short lines for a comment; no line holds a line break, whatever a name holds."""
        what = f"{self.trainer} {self.task}".strip()
        value = "none" if self.value is None else repr(self.value)
        if self.seeds > 1:
            spread = "" if self.deviation is None else f" ± {self.deviation:.2g}"
            value += f"{spread}, the mean of {self.seeds} seeds"
        ended = f", ended {self.when}" if self.when else ""
        said = [
            f"Study {self.study} ({what}), trial {self.trial} of {self.trials}: {self.state}{ended}.",
            f"{self.metric} = {value} ({self.direction}), proposed by {self.source}, seed {self.seed}.",
            f"Exported by tunewright {self.tunewright}.",
        ]
        return [" ".join(line.split()) for line in said]


def provenance(study: Study, trial: Trial, trials: int) -> Provenance:
    """The provenance of `trial`, one of `trials` in `study`."""
    spec = study.spec
    ended = None if trial.ended_at is None else datetime.fromtimestamp(trial.ended_at).astimezone()
    return Provenance(
        study=spec.name,
        trainer=spec.trainer,
        task=spec.task,
        trial=trial.number,
        trials=trials,
        state=str(trial.state),
        metric=spec.objective.metric,
        direction=spec.objective.direction,
        value=trial.value,
        when=None if ended is None else ended.isoformat(timespec="seconds"),
        source=str(trial.source),
        seed=trial.seed,
        seeds=trial.runs,
        deviation=trial.deviation,
        tunewright=version("tunewright"),
    )
