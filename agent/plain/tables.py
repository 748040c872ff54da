"""A study and its trials as lines and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.plain.output import clean, config_line, number, param, table
from agent.search.trust.tally import tallies, words
from agent.store import points, proposals, studies
from agent.store import trials as trial_rows
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study import blend_words, pack_words
from agent.study.accumulation import told
from agent.study.noise import noise
from agent.study.nouns import Proposal, Trial
from agent.study.repeats import repeats
from agent.study.sizes import rough_size
from agent.study.spec import StudySpec
from agent.study.verdicts import lead
from agent.summary import best, counts


def study_lines(study: Study, trials: Sequence[Trial], waiting: Sequence[Proposal]) -> list[str]:
    """The head of `show`: what is optimised, by whom, within what, and how far it is."""
    spec = study.spec
    top = best(trials, spec.objective)
    states = ", ".join(f"{n} {state}" for state, n in counts(trials).items() if n) or "none yet"
    lines = [
        f"{study.name}: {f'{spec.trainer} {spec.task}'.strip()}, {spec.objective.direction} {spec.objective.metric}",
        f"policy   {spec.policy.describe()}; search {spec.search}; {_seeds(spec)}",
        f"trials   {states}" + (f" of {spec.budget.trials}" if spec.budget.trials is not None else ""),
    ]
    if top is not None:
        lines.append(f"best     {mean_words(top)} in t{top.number}: {config_line(top.params)}")
        chance = noise(trials, spec.space, spec.objective)
        lines.append(f"noise    {chance.words or chance.source}")
        if (said := lead(trials, chance, spec.objective)) is not None:
            lines.append(f"lead     {said.text}")
    if found := tallies(spec, trials):
        lines.append(f"sources  {', '.join(map(words, found))}")
    lines += [f"waiting  proposal {p.number} ({p.source}): {config_line(p.params)}" for p in waiting]
    return [clean(line) for line in lines]


def trials_table(study: Study, trials: Sequence[Trial], mates: Mapping[int, Sequence[int]] = {}) -> str:
    """One row a trial, those of the best config starred; then the means of the configs that were run more than once.
    `mates` are those that share a trial's process, by number."""
    names = list(dict.fromkeys([*study.spec.space.parameters, *(n for t in trials for n in t.params)]))
    top = best(trials, study.spec.objective)
    rows = [_row(t, names, top is not None and t.key == top.key, mates.get(t.number, ())) for t in trials]
    rows += [_mean_row(g.as_one(), names) for g in repeats(trials) if len(g.values) > 1]
    header = ["#", "state", "source", *names, study.spec.objective.metric, "step", "seconds"]
    return table(header, rows, right=(0, *range(3, len(header))))


def _seeds(spec: StudySpec) -> str:
    return f"seed {spec.seed}" if spec.seeds == 1 else f"{spec.seeds} seeds from {spec.seed}"


def mean_words(trial: Trial) -> str:
    """A value; of several runs of one config `0.31 ± 0.004 (mean of 3 runs)`."""
    if trial.runs == 1:
        return number(trial.value)
    spread = "" if trial.deviation is None else f" ± {number(trial.deviation, 2)}"
    return f"{number(trial.value)}{spread} (mean of {trial.runs} runs)"


def _mean_row(one: Trial, names: Sequence[str]) -> list[str]:
    row = _row(replace(one, failure=None, last_step=None, ended_at=None), names, False)
    spread = "" if one.deviation is None else f" ± {number(one.deviation, 2)}"
    return [f"t{one.number} ×{one.runs}", "mean", *row[2:-3], row[-3] + spread, *row[-2:]]


def _row(trial: Trial, names: Sequence[str], is_best: bool, mates: Sequence[int] = ()) -> list[str]:
    state = str(trial.state) if trial.failure is None else f"{trial.state}: {trial.failure.kind}"
    params = [param(trial.params[name]) if name in trial.params else "" for name in names]
    value = trial.value if trial.state.ended else trial.last_value
    step = "" if trial.last_step is None else str(trial.last_step)
    seconds = "" if trial.seconds is None else f"{trial.seconds:.1f}"
    state += f" ({trial.accumulation} micro-batches)" if trial.accumulation > 1 else ""
    state += f" with {pack_words.named(mates)}" if mates else ""
    return [
        f"{'* ' if is_best else ''}t{trial.number}",
        state,
        str(trial.source),
        *params,
        number(value),
        step,
        seconds,
    ]


def resources(trial: Trial) -> list[str]:
    """What all attempts of a trial took, as far as it is known: `12.3 s of CPU`, `4.0 s of GPU`, peaks of memory."""
    times = {"CPU": trial.cpu_seconds, "GPU": trial.device_seconds}
    peaks = {"memory": trial.peak_host_bytes, "device memory": trial.peak_device_bytes}
    told = [f"{value:.1f} s of {name}" for name, value in times.items() if value]
    return told + [f"{rough_size(value)} of {name} at its peak" for name, value in peaks.items() if value]


def trial_lines(store: Store, trial: Trial) -> list[str]:
    """One trial: its config, what its metrics came to, why it was proposed, where its files are."""
    proposal = proposals.get(store, trial.proposal_id)
    lines = [
        f"t{trial.number} {trial.state}, proposed by {trial.source}, seed {trial.seed}",
        f"params   {config_line(trial.params)}",
        f"value    {mean_words(trial)}",
    ]
    for name, curve in points.curves(store, trial.id).items():
        lines.append(
            f"metric   {name}: {number(curve.values[-1])} at step {curve.steps[-1]} ({len(curve.steps)} reports)"
        )
    spec = studies.by_id(store, trial.study_id).spec
    lines += [f"memory   {said}" for said in [told(spec, trial.params, trial.accumulation)] if said]
    lines += [f"took     {', '.join(took)}" for took in [resources(trial)] if took]
    mates = trial_rows.together(store, trial.study_id).get(trial.number, [])
    lines += [f"process  {said}" for said in [pack_words.told(mates)] if said]
    if proposal.rationale:
        lines.append(f"why      {proposal.rationale}")
    lines += [f"gate     {said}" for said in [blend_words.gate(proposal.insight)] if said]
    lines += [f"trust    {said}" for said in [blend_words.trust(proposal.insight)] if said]
    if trial.failure is not None:
        lines.append(f"failure  {trial.failure.kind}: {trial.failure.message}")
    lines += [f"files    {store.folder / attempt['run_dir']}" for attempt in trial_rows.attempts(store, trial.id)[-1:]]
    return [clean(" ".join(line.splitlines())) for line in lines]
