"""The journal as the chat tells it: one block an event, with evidence that can be followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.study.nouns import Decision, Diagnosis, Evidence, Narrative, Proposal, ProposalState, Trial, TrialState
from agent.study.spec import StudySpec
from agent.tui.ink.looks import look
from agent.tui.messages import Note
from agent.tui.talk.marks import marked
from agent.tui.text import Part, config, neutral, number, param, signed

ADVISOR: Part = ("●", "primary")


@dataclass(frozen=True)
class Then:
    """What a trial's end meant: all runs of its config as `one`, the best value of the other configs `before`, and how
    far the two must lie apart to differ by more than noise; None where that is not known."""

    one: Trial
    before: float | None
    limit: float | None = None


def marker(evidence: Evidence, trial: int | None) -> Part | None:
    """`[log:412]`, `[val_loss@412]` or `[t17]`; None for a fact that points nowhere. `trial` is the one it is about, if
    it is about one: what is said of another names that one too."""
    number = trial if evidence.trial is None else evidence.trial
    named = f"t{number}\u00a0" if number != trial else ""
    if evidence.line is not None and number is not None:
        return f"[{named}log:{evidence.line}]", f"link#t{number}:log:{evidence.line}"
    if evidence.step is not None and number is not None:
        name = f"{evidence.metric}@" if evidence.metric else "step "
        return f"[{named}{name}{evidence.step}]", f"link#t{number}:step:{evidence.step}"
    if evidence.trial is not None:
        return f"[t{evidence.trial}]", f"link#t{evidence.trial}"
    return None


def diagnosed(
    at: float, trial: Trial, diagnosis: Diagnosis, spec: StudySpec, then: Then, score: Sequence[Part] = ()
) -> Note:
    """How a trial ended and why; `score` says how its proposal's prediction fared."""
    seen = look(trial)
    parts: list[Part] = [(f"t{trial.number}", f"strong#t{trial.number}"), (f" {seen.word}", seen.role)]
    parts += _value(trial, spec, then)
    parts += [("\n", ""), *score] if score else []
    if diagnosis.healthy and trial.state is TrialState.COMPLETED:
        return Note(at, (seen.glyph, seen.role), tuple(parts))  # the trial's page says the rest
    parts.append(("\n" + neutral(diagnosis.explanation), "text"))
    marks = [m for e in diagnosis.evidence if (m := marker(e, trial.number)) is not None]
    for mark in dict.fromkeys(marks):
        parts += [(" ", ""), mark]
    if diagnosis.suggested_params:
        parts += [("\n→ try ", "muted"), (config(diagnosis.suggested_params), "text")]
        parts += [("  ", ""), (f"/suggest {trial.number}", f"link#suggest:{trial.number}")]
    return Note(at, (seen.glyph, seen.role), tuple(parts))


def confirmed(at: float, lines: Sequence[str]) -> Note:
    """What came of configs that were run again with new seeds."""
    *runs, last = lines
    head: list[Part] = [("Run again with new seeds. ", "strong")]
    for line in runs:
        head += [*marked(neutral(line)), ("\n", "")]
    return Note(at, ADVISOR, (*head, *marked(neutral(last))))


_EXPLAINED: Part = (" explained. ", "muted")


def explained(at: float, trial: Trial, narrative: Narrative) -> Note:
    """What the agent made of a trial; its page has the claims one by one."""
    head: list[Part] = [(f"t{trial.number}", f"strong#t{trial.number}"), _EXPLAINED]
    return Note(at, ADVISOR, (*head, *marked(neutral(narrative.text))))


def about_explained(note: Note) -> str:
    """`t17` where the note explains that trial, else nothing."""
    return note.parts[0][0] if note.parts[1:2] == (_EXPLAINED,) else ""


def without_repeats(notes: Sequence[Note]) -> list[Note]:
    """Of explanations in the same words the last."""
    last = {note.parts: note for note in notes if about_explained(note)}
    return [note for note in notes if last.get(note.parts, note) is note]


def _value(trial: Trial, spec: StudySpec, then: Then) -> list[Part]:
    """Its value, the mean of its config where that was run before, and how that lies to the best of the others."""
    value, before = then.one.value, then.before
    if trial.value is None or value is None or trial.state is not TrialState.COMPLETED:
        return []
    shown: list[Part] = [(f"  {spec.objective.metric} {number(trial.value)}", "strong")]
    if then.one.runs > 1:
        shown.append((f"  mean of {then.one.runs} runs {number(value)}", "text"))
    if before is None:
        return [*shown, ("  ★ first", "best")] if then.one.runs == 1 else shown
    apart = signed(value - before)
    if not spec.objective.better(value, before):
        return [*shown, (f"  {apart} to the best", "muted")]
    if then.limit is not None and abs(value - before) <= then.limit:
        return [*shown, (f"  ahead so far, within the noise ({apart})", "muted")]
    return [*shown, (f"  ★ best so far ({apart})", "best")]


def decided(at: float, decision: Decision, proposal: Proposal, trial: Trial | None) -> Note:
    """Who settled a proposal, and how."""
    name = f"{proposal.number}"
    run = f" → t{trial.number}" if trial is not None else ""
    if decision.actor == "policy":
        what = "ran" if trial is not None else "let go of"
        clause = neutral(decision.clause or decision.reason)
        return Note(at, ("○", "muted"), ((f"policy {what} {name}{run}", "muted"), (f" · {clause}", "faint")))
    match decision.action:
        case ProposalState.EDITED:
            changed = {k: v for k, v in (decision.params or {}).items() if proposal.params.get(k) != v}
            diff = ", ".join(f"{k} {param(proposal.params.get(k))} → {param(v)}" for k, v in changed.items())
            return Note(at, ("›", "ask"), ((f"you edited {name}{run}: {diff}", "text"),))
        case ProposalState.REJECTED:
            reason = f": {neutral(decision.reason)}" if decision.reason else ""
            return Note(at, ("›", "ask"), ((f"you rejected {name}{reason}", "text"),))
    return Note(at, ("›", "ask"), ((f"you approved {name}{run}", "text"),))


def created(at: float, spec: StudySpec) -> Note:
    what = f"{spec.trainer} {spec.task}".strip()
    text = f"Study {spec.name}: {what}. {spec.objective.direction.capitalize()} {spec.objective.metric} over "
    return Note(at, ADVISOR, ((f"{text}{', '.join(spec.space.parameters)}.", "text"),))


def told(at: float, kind: str, data: Mapping[str, Any], trial: Trial | None) -> Note | None:
    """The events that speak for themselves; None for one the chat leaves out."""
    name = f"t{trial.number}" if trial is not None else ""
    match kind:
        case "study_changed":
            who = "you" if data.get("who") == "person" else str(data.get("who", ""))
            what = str(data.get("what", ""))
            said = "changed the budget" if what == "budget" else f"set {neutral(what)}"
            return Note(at, ("›", "ask"), ((f"{who} {said}", "text"),))
        case "trial_retried":
            if reason := data.get("text"):
                return Note(at, ("!", "ask"), ((f"{name} {neutral(str(reason))}", "text"),))
            text = f"{name} attempt {data.get('attempt', 1)} ended ({data.get('failure') or 'lost'}); trying again"
            return Note(at, ("○", "muted"), ((text, "muted"),))
        case "stop_requested":
            asked = "pruned" if data.get("prune") else "asked to stop"
            return Note(at, ("■", "ask"), ((f"{name} {asked}: {neutral(str(data.get('reason', '')))}", "text"),))
        case "trial_resumed":
            said = f"{name} is taken up again: {neutral(str(data.get('reason', '')))}"
            return Note(at, ("▶", "ask"), ((said, "text"),))
        case "reports_skipped":
            return Note(
                at, ("!", "ask"), ((f"{name}: {neutral(str(data.get('text', 'some reports left out')))}", "text"),)
            )
        case "advised":
            return Note(at, ADVISOR, ((neutral(str(data.get("text", ""))), "text"),))
    return None
