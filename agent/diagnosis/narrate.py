"""The narrative of a trial without a model: the verdict of the rules, set among the study's other trials."""

from __future__ import annotations

from collections.abc import Sequence

from agent import summary
from agent.diagnosis.citations import cite
from agent.diagnosis.of_trial import diagnosis_of
from agent.diagnosis.render import difference
from agent.diagnosis.suggest import show
from agent.digest.region import region
from agent.store import diagnoses, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Claim, Diagnosis, Evidence, Narrative, Trial
from trainers.space import SearchSpace

_LISTED = 4  # trials, or changes, named in one sentence


def narrate(store: Store, study: Study, trial: Trial) -> Narrative:
    """Each sentence a claim with its evidence. Raises TunewrightError for a trial that has not ended."""
    diagnosis = diagnosis_of(store, study, trial)
    others = [t for t in trials.all_trials(store, study.id) if t.number != trial.number and t.state.ended]
    verdicts = {key: found.verdict for key, found in diagnoses.all_of(store, study.id).items()}
    alike = [] if diagnosis.healthy else [t for t in others if verdicts.get(t.id) == diagnosis.verdict]
    made = [
        Claim(text=diagnosis.explanation, evidence=diagnosis.evidence),
        _alike(alike),
        _where(study.spec.space, trial, alike, summary.completed(others)),
        _beside(study, trial, summary.completed(others)),
    ]
    claims = tuple(claim for claim in made if claim is not None)
    return Narrative(text=words(trial.number, claims, _advice(trial, diagnosis)), claims=claims)


def words(trial: int, claims: Sequence[Claim], last: str = "") -> str:
    """The claims as text, each followed by those of its citations that it does not hold itself."""
    told = []
    for claim in claims:
        cited = dict.fromkeys(cite(trial, evidence).text for evidence in claim.evidence)
        if len(cited) > 1:
            cited.pop(f"[t{trial}]", None)  # the others say more
        told.append(" ".join([claim.text, *(c for c in cited if c not in claim.text)]))
    return "\n".join([*told, *([last] if last else [])])


def listed(numbers: Sequence[int]) -> str:
    """`[t3], [t7] and 2 more`."""
    shown, rest = numbers[:_LISTED], len(numbers) - _LISTED
    text = ", ".join(f"[t{n}]" for n in shown)
    if rest > 0:
        return f"{text} and {rest} more"
    return " and ".join(text.rsplit(", ", 1))


def _evidence(of: Sequence[Trial]) -> tuple[Evidence, ...]:
    return tuple(Evidence(kind="trial", text=f"t{t.number}", trial=t.number) for t in of[:_LISTED])


def _alike(alike: Sequence[Trial]) -> Claim | None:
    if not alike:
        return None
    return Claim(text=f"It went the same way in {listed([t.number for t in alike])}.", evidence=_evidence(alike))


def _where(space: SearchSpace, trial: Trial, alike: Sequence[Trial], good: Sequence[Trial]) -> Claim | None:
    """What sets the trials that went so apart from those that did not, where one or two conditions do."""
    bad = [trial, *alike]
    sound = [t for t in good if t not in alike]
    found = region(space, [t.params for t in bad], [t.params for t in sound])
    return Claim(text=f"It goes so where {found}.", evidence=_evidence([trial])) if found else None


def _beside(study: Study, trial: Trial, good: Sequence[Trial]) -> Claim | None:
    """What the nearest trial with a better value did differently."""
    objective = study.spec.objective
    better = [
        t for t in good if t.value is not None and (trial.value is None or objective.better(t.value, trial.value))
    ]
    if not better:
        return None
    near = min(better, key=lambda t: (study.spec.space.distance(trial.params, t.params), t.number))
    changed = difference(trial.params, near.params)
    shown = ", ".join(" ".join(line.split()) for line in changed[:_LISTED])
    rest = f" and {len(changed) - _LISTED} more" if len(changed) > _LISTED else ""
    who = f"The nearest trial that did better, [t{near.number}] ({objective.metric} {show(near.value)}),"
    text = f"{who} differs in {shown}{rest}."
    return Claim(text=text, evidence=_evidence([near])) if changed else None


def _advice(trial: Trial, diagnosis: Diagnosis) -> str:
    if diagnosis.suggested_params:
        changes = ", ".join(" ".join(line.split()) for line in difference(trial.params, diagnosis.suggested_params))
        return f"To try: {changes} – {_reason(diagnosis)} /suggest {trial.number} proposes it."
    return f"To do: {diagnosis.suggested_reason}" if diagnosis.suggested_reason else ""


def _reason(diagnosis: Diagnosis) -> str:
    reason = diagnosis.suggested_reason.split(": ", 1)[-1]
    return reason if reason.endswith(".") else f"{reason}."
