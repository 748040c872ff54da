"""A trial's page in words: params, diagnosis with evidence, failure, decision, attempts, files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.study import pack_words
from agent.study.accumulation import told
from agent.study.noise import Noise
from agent.study.nouns import Evidence, Trial
from agent.study.verdicts import beside
from agent.tui.ink.looks import look
from agent.tui.messages import TrialRead
from agent.tui.model import StudyModel
from agent.tui.talk.marks import marked
from agent.tui.talk.notes import marker
from agent.tui.text import Part, config, fit, log_line, neutral, number, percent, plural, seconds, signed, size
from agent.tui.trial.trial_config import params
from agent.tui.trial.trial_origin import origin

CHOSEN = "▸ "  # before the file under the cursor
_TAIL_LINES = 25


def sections(
    read: TrialRead, model: StudyModel, now: float, width: int, *, chosen: int | None = None
) -> dict[str, list[Part]]:
    """The page's words by part, for lines of `width` cells."""
    return {
        "why": [*_head(read, model, now), *_diagnosis(read), *_narrative(read), *_failure(read), *_metrics(read)],
        "config": params(read, model, width),
        "origin": origin(read, model, now),
        "files": [*_attempts(read), *_files(read, chosen)],
    }


def evidence(read: TrialRead) -> list[Evidence]:
    """The evidence that can be followed, in the order of the numbers shown."""
    found = read.diagnosis.evidence if read.diagnosis is not None else ()
    return [e for e in found if marker(e, read.trial.number) is not None][:9]


def title(text: str) -> Part:
    return f"\n{text}\n", "title"


def _head(read: TrialRead, model: StudyModel, now: float) -> list[Part]:
    trial, seen = read.trial, look(read.trial)
    parts: list[Part] = [(f"t{trial.number} ", "title"), (f"{seen.glyph} {seen.word}", seen.role)]
    value = trial.value if trial.value is not None else trial.last_value
    if value is not None:
        parts.append((f"   {model.spec.objective.metric} {number(value, 6)}", "strong"))
    parts += _to_best(model.groups.line(trial.number) if trial.state.ended else trial, model, read.noise)
    took = trial.seconds if trial.ended_at is not None else now - trial.started_at if trial.started_at else None
    facts = [f"by {trial.source}", f"seed {trial.seed}"]
    facts += [f"step {trial.last_step}"] if trial.last_step is not None else []
    facts += [f"ran {seconds(took)}"] if took is not None else []
    facts += [plural(trial.attempts, "attempt")] if trial.attempts > 1 else []
    facts += [said for said in [told(model.spec, trial.params, trial.accumulation)] if said]
    facts += [said for said in [pack_words.told(_mates(read))] if said]
    facts += [f"asked to stop: {neutral(trial.stop_requested)}"] if trial.stop_requested else []
    return [*parts, ("\n" + "  ·  ".join(facts) + "\n", "muted")]


def _mates(read: TrialRead) -> list[int]:
    """Those that share its process, or shared its latest attempt's."""
    return list((read.attempts[-1].get("job") or {}).get("with", ())) if read.attempts else []


def _to_best(one: Trial, model: StudyModel, chance: Noise) -> list[Part]:
    """What all runs of its config came to, and how far that is from the best."""
    value, best = one.value if one.value is not None else one.last_value, model.best
    if best is None or best.value is None or value is None or value != value:
        return []
    parts: list[Part] = []
    if one.runs > 1 and one.deviation is not None:
        mean = f"   mean of its {one.runs} runs {number(value, 6)} ± {number(one.deviation, 2)}"
        parts.append((mean.replace(" ", "\u00a0", 3), "strong"))
    if best.key == one.key:
        return [*parts, ("   ★ the best", "best")]
    parts.append((f"   {signed(value - best.value)} to the best, t{best.number}", "muted"))
    judged = beside(one, best, chance)
    return [*parts, (f"  {judged}", "muted")] if judged else parts


def _diagnosis(read: TrialRead) -> list[Part]:
    found = read.diagnosis
    if found is None:
        return []
    role = "good" if found.healthy else "bad"
    parts = [title("DIAGNOSIS"), (found.verdict.replace("_", " "), role)]
    parts.append((f"   {percent(found.confidence)} sure\n", "muted"))
    parts.append((neutral(found.explanation) + "\n", "text"))
    count = 0
    for item in found.evidence:
        mark = marker(item, read.trial.number)
        count += mark is not None and count < 9
        parts.append((f"  {count if mark is not None else '·'} ", "primary" if mark is not None else "faint"))
        parts += [(neutral(item.text), "text"), *([("  ", ""), mark] if mark is not None else []), ("\n", "")]
    if found.suggested_params:
        parts += [("→ try ", "muted"), (config(found.suggested_params), "strong")]
        parts.append((f"  {neutral(found.suggested_reason)}\n", "muted"))
    return parts


def _narrative(read: TrialRead) -> list[Part]:
    """What the model made of it, and how many of its claims pointed at nothing."""
    found = read.narrative
    if found is None:
        return []
    parts = [title(f"EXPLANATION  {neutral(found.model)}"), *marked(neutral(found.text)), ("\n", "")]
    if found.dropped:
        what = plural(found.dropped, "claim")
        parts.append((f"{what} left out: they cited what is not there\n", "ask"))
    if found.suggested_params:
        parts += [("→ try ", "muted"), (config(found.suggested_params), "strong")]
        parts.append((f"  {neutral(found.suggested_reason)}\n", "muted"))
    return parts


def _metrics(read: TrialRead) -> list[Part]:
    if not read.metrics:
        return []
    parts = [title("LAST REPORTS")]
    for name, (step, value) in read.metrics.items():
        parts += [(fit(f"  {name}", 24), "muted"), (fit(number(value, 6), 12), "text"), (f" at step {step}\n", "faint")]
    return parts


def _failure(read: TrialRead) -> list[Part]:
    failure = read.trial.failure
    if failure is None:
        return []
    facts = [str(failure.kind).replace("_", " ")]
    facts += [f"exit code {failure.exit_code}"] if failure.exit_code is not None else []
    facts += [f"signal {failure.signal}"] if failure.signal is not None else []
    facts += ["may pass when tried again" if failure.transient else "would happen again"]
    parts = [title("FAILURE"), ("  ·  ".join(facts) + "\n", "bad"), (neutral(failure.message) + "\n", "text")]
    tail = [log_line(line) for line in (failure.traceback or failure.stderr_tail).rstrip().split("\n")][-_TAIL_LINES:]
    return [*parts, *((f"  │ {line}\n", "muted") for line in tail if line or len(tail) > 1)]


def _attempts(read: TrialRead) -> list[Part]:
    parts: list[Part] = [("ATTEMPTS\n", "title")] if read.attempts else []
    for attempt in read.attempts:
        parts.append((f"  {attempt['number']}  {attempt['run_dir']}\n", "text"))
        parts.append(("     " + "  ·  ".join(_outcome(attempt.get("outcome") or {})) + "\n", "muted"))
    return parts


def _outcome(outcome: Mapping[str, Any]) -> list[str]:
    facts = [str(outcome.get("state", "running"))]
    if outcome.get("wall_seconds") is not None:
        facts.append(f"{seconds(outcome['wall_seconds'])} wall, {seconds(outcome.get('cpu_seconds'))} cpu")
    for key, name in (("peak_host_bytes", "memory"), ("peak_device_bytes", "device memory")):
        if outcome.get(key):
            facts.append(f"{size(outcome[key])} {name}")
    return facts


def _files(read: TrialRead, chosen: int | None) -> list[Part]:
    """Each file with its size; one that is chosen is read in the log, and its path copied."""
    parts: list[Part] = [("\nFILES\n", "title")] if read.files else []
    for index, (path, count) in enumerate(read.files):
        parts.append((CHOSEN if index == chosen else "  ", "primary"))
        parts += [(f"{neutral(_short(path, read))}", f"link#file:{index}"), (f"  {size(count)}\n", "faint")]
    if read.more_files:
        parts.append((f"  and {plural(read.more_files, 'file')} more\n", "faint"))
    return parts


def _short(path: Path, read: TrialRead) -> str:
    """As it lies in the run folder, which is named above."""
    folder = f"/{read.attempts[-1]['run_dir']}/" if read.attempts else ""
    return str(path).partition(folder)[2] or str(path)
