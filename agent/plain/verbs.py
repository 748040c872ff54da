"""What can be said to a study, one function a verb. The same names as commands and keys elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from agent.again import again, confirm
from agent.diagnosis.of_trial import diagnose_trial
from agent.diagnosis.render import text
from agent.exports import export as export_study
from agent.plain import agent_verbs, log_verbs, origin, question
from agent.plain import desk as read
from agent.plain.asking import decide_edited
from agent.plain.cards import card
from agent.plain.desk import Desk
from agent.plain.edits import parse_edits
from agent.plain.progress import status_line
from agent.plain.tables import study_lines, trial_lines, trials_table
from agent.settings import schema, values
from agent.store import diagnoses, narratives, studies
from agent.study.durations import parse_duration
from agent.study.policy import PolicyKind
from agent.study.spec import SEARCHES
from agent.summary import best
from trainers.errors import TunewrightError


class Verb(NamedTuple):
    """`usage` is its arguments, `about` one line of help; `free` says that words of any kind may follow."""

    does: Callable[[Desk, Sequence[str]], None]
    usage: str
    about: str
    free: bool = False


# -- looking ---------------------------------------------------------------------


def status(desk: Desk, _: Sequence[str]) -> None:
    study = desk.session.study
    desk.say(f"{study.name}: {desk.status.state} – {status_line(study, desk.status, read.all_trials(desk))}")
    if desk.status.advice:
        desk.say(desk.status.advice)


def trials(desk: Desk, _: Sequence[str]) -> None:
    found = read.all_trials(desk)
    desk.say(trials_table(desk.session.study, found) if found else "no trials yet")


def show(desk: Desk, words: Sequence[str]) -> None:
    if words:
        desk.say("\n".join(trial_lines(desk.store, read.trial(desk, words))))
    else:
        desk.say("\n".join(study_lines(desk.session.study, read.all_trials(desk), read.pending(desk))))


def why(desk: Desk, words: Sequence[str]) -> None:
    trial = read.trial(desk, words)
    if not trial.state.ended:
        raise TunewrightError(f"t{trial.number} is {trial.state}", remedy="It is diagnosed when it has ended.")
    found = diagnoses.get(desk.store, trial.id)
    found = found or diagnose_trial(desk.store, desk.session.study, trial, read.all_trials(desk))
    desk.say(text(trial.number, found, trial.params, narratives.get(desk.store, trial.id)))
    desk.say("\n".join(origin.lines(desk.store, desk.session.study, trial)))


def best_trial(desk: Desk, _: Sequence[str]) -> None:
    top = best(read.all_trials(desk), desk.session.spec.objective)
    if top is None:
        raise TunewrightError("no trial has completed yet")
    desk.say("\n".join(trial_lines(desk.store, top)))


def list_studies(desk: Desk, _: Sequence[str]) -> None:
    here = desk.session.study.id
    desk.say("\n".join(f"{'*' if s.id == here else ' '} {s.name}" for s in studies.all_studies(desk.store)))


def open_study(desk: Desk, words: Sequence[str]) -> None:
    desk.open(read.first(words, "which study?"))


# -- deciding --------------------------------------------------------------------


def proposals_waiting(desk: Desk, _: Sequence[str]) -> None:
    waiting = ["\n".join(card(p, desk.session)) for p in read.pending(desk)]
    desk.say("\n".join(waiting) or f"no proposal waits: {desk.status.reason}")


def approve(desk: Desk, words: Sequence[str]) -> None:
    proposal, edits = read.proposal(desk, words)
    number = decide_edited(desk.session, proposal, edits) if edits else desk.session.approve(proposal)
    desk.say(f"proposal {proposal.number} is t{number}")


def edit(desk: Desk, words: Sequence[str]) -> None:
    proposal, edits = read.proposal(desk, words)
    desk.say(f"proposal {proposal.number} is t{decide_edited(desk.session, proposal, edits)}")


def reject(desk: Desk, words: Sequence[str]) -> None:
    proposal, reason = read.proposal(desk, words)
    heard = desk.session.reject(proposal, " ".join(reason))
    desk.say(f"proposal {proposal.number} is rejected" + (f"; {heard}" if heard else ""))


def propose(desk: Desk, words: Sequence[str]) -> None:
    if not words:
        raise TunewrightError("nothing to propose", remedy="For example: propose lr=3e-4.")
    desk.session.propose(parse_edits(desk.session.spec.space, words))


def suggest(desk: Desk, words: Sequence[str]) -> None:
    trial = read.trial(desk, words)
    if desk.session.suggest(trial) is None:
        desk.say(f"nothing is suggested after t{trial.number}")


def retry(desk: Desk, words: Sequence[str]) -> None:
    trial = read.trial(desk, words)
    again(desk.store, desk.session.study, trial.number, read.whole(words[1]) if words[1:] else 1)


def confirm_best(desk: Desk, words: Sequence[str]) -> None:
    confirm(desk.store, desk.session.study, **read.settings(words, {"top": read.whole, "seeds": read.whole}))


# -- steering --------------------------------------------------------------------


def stop(desk: Desk, words: Sequence[str]) -> None:
    if list(words[:1]) == ["all"]:
        found = [t for t in read.all_trials(desk) if not t.state.ended]
    else:
        found = [read.trial(desk, words)]
    for trial in found:
        desk.session.stop(trial)
    if not found:
        desk.say("nothing is queued or running")


def resume(desk: Desk, words: Sequence[str]) -> None:
    desk.say(desk.session.resume(read.trial(desk, words)))


def policy(desk: Desk, words: Sequence[str]) -> None:
    if words:
        kind = read.known("policy", "watch" if words[0] == "auto" else words[0], list(PolicyKind))
        readers = {"trials": read.whole, "target": read.number, "failures": read.whole, "nearness": read.number}
        stops = read.settings(words[1:], readers)
        desk.session.set_policy(replace(desk.session.spec.policy, kind=PolicyKind(kind), **stops))
    desk.say(f"policy {desk.session.spec.policy.describe()}")


def budget(desk: Desk, words: Sequence[str]) -> None:
    readers = {"trials": read.whole, "trial": parse_duration, "total": parse_duration, "gpu": read.number}
    names = {"trials": "trials", "trial": "trial_seconds", "total": "total_seconds", "gpu": "gpu_hours"}
    given = {names[k]: v for k, v in read.settings(words, readers).items()}
    if given:
        desk.session.set_budget(replace(desk.session.spec.budget, **given))
    now = desk.session.spec.budget
    limits = {
        "trials": now.trials,
        "seconds a trial": now.trial_seconds,
        "seconds in total": now.total_seconds,
        "GPU hours": now.gpu_hours,
    }
    desk.say("budget " + (", ".join(f"{v:g} {k}" for k, v in limits.items() if v is not None) or "without limit"))


def seeds(desk: Desk, words: Sequence[str]) -> None:
    if words:
        spec = desk.session.spec.replace(seeds=values.read(schema.find("study.seeds"), words[0]))
        desk.session.replace_spec(spec, f"seeds {spec.seeds}")
    desk.say(f"seeds {desk.session.spec.seeds}")


def search(desk: Desk, words: Sequence[str]) -> None:
    if words:
        desk.session.set_search(read.known("search", words[0], SEARCHES))
    desk.say(f"search {desk.session.spec.search}")


def export(desk: Desk, words: Sequence[str]) -> None:
    target = Path(words[1]) if len(words) > 1 else None
    made = export_study(desk.store, desk.session.study, words[0] if words else "toml", output=target)
    desk.say(f"wrote {made.path}" if made.path else (made.text or "").rstrip("\n"))


def wait(desk: Desk, _: Sequence[str]) -> None:
    desk.until(lambda now: now.state in ("waiting", "finished"))
    status(desk, ())


def help_(desk: Desk, _: Sequence[str]) -> None:
    listed = {f"{name} {verb.usage}": verb.about for name, verb in desk.verbs.items()}
    listed |= {"anything else in words": "a question to the agent", "quit": "leave; trials run on"}
    width = max(map(len, listed))
    desk.say("\n".join(f"{usage:<{width}}  {about}" for usage, about in listed.items()))


VERBS: Mapping[str, Verb] = {
    "status": Verb(status, "", "where the study stands"),
    "trials": Verb(trials, "", "all trials"),
    "show": Verb(show, "[N]", "the study, or trial N"),
    "why": Verb(why, "N", "what happened to trial N, with the evidence"),
    "best": Verb(best_trial, "", "the best trial"),
    "log": Verb(log_verbs.log, "N [LINE|find TEXT]", "its log: the end, around a line, or lines that hold a text"),
    "curve": Verb(log_verbs.curve, "N [METRIC]", "what trial N reported, as a line of blocks"),
    "go": Verb(log_verbs.go, "PLACE", "what a citation points to: go t17 log:412"),
    "ask": Verb(question.ask, "[QUESTION]", "ask the agent; without words, ask you again for every proposal", True),
    "proposals": Verb(proposals_waiting, "", "the cards of all that wait"),
    "approve": Verb(approve, "[P] [name=value …]", "run the oldest proposal, or P, with changes if given"),
    "edit": Verb(edit, "[P] name=value …", "run it with changes"),
    "reject": Verb(reject, "[P] [reason]", "settle it without a trial", True),
    "propose": Verb(propose, "name=value …", "a config of your own; the rest from the best trial"),
    "suggest": Verb(suggest, "N", "propose what the diagnosis of trial N suggests"),
    "retry": Verb(retry, "N [TIMES]", "propose its config again, with a seed it has not had, or so many"),
    "confirm": Verb(confirm_best, "[top=K seeds=N]", "propose the best configs again, with new seeds"),
    "seeds": Verb(seeds, "[N]", "with how many seeds every config is run"),
    "stop": Verb(stop, "N|all", "stop a trial, or all"),
    "resume": Verb(resume, "N", "take a pruned or stopped trial up again, from its checkpoint"),
    "policy": Verb(policy, "[KIND] [target=X failures=N]", "what may run without asking"),
    "budget": Verb(budget, "[trials=N trial=3min total=8h gpu=8]", "what the study may spend"),
    "search": Verb(search, "[NAME]", "who proposes"),
    "model": Verb(agent_verbs.model, "[NAME] [api_base=URL language=NAME]", "who speaks for the agent"),
    "language": Verb(agent_verbs.language, "[NAME]", "the language the agent answers in"),
    "agent": Verb(agent_verbs.settings, "[name=value …]", "the agent's settings, as in [agent] of a study file"),
    "explain": Verb(agent_verbs.explain, "N", "have the agent explain trial N"),
    "reshape": Verb(agent_verbs.reshape, "", "ask whether the space should be narrowed or widened"),
    "space": Verb(agent_verbs.space, "[CHANGE …]", "the search space, or a change of it: lr.high=.01 +momentum -wd"),
    "drop-bound": Verb(agent_verbs.unbind, "N", "let go of what trial N, out of memory, says of larger configs"),
    "hint": Verb(agent_verbs.hint, "WORDS", "say where good values lie: lr ~ 1e-3; small batch_size; drop", True),
    "ledger": Verb(agent_verbs.ledger, "", "what the model's calls have used"),
    "asked": Verb(agent_verbs.asked, "", "what the agent asks for"),
    "accept": Verb(agent_verbs.accept, "[A]", "let the agent do what it asks for"),
    "decline": Verb(agent_verbs.decline, "[A] [reason]", "let it be", True),
    "export": Verb(export, "[FORMAT] [FILE]", "the best config, or all trials"),
    "wait": Verb(wait, "", "until a proposal waits or the study is finished; Ctrl-C ends the wait"),
    "list": Verb(list_studies, "", "the studies in the store"),
    "open": Verb(open_study, "STUDY", "turn to another study"),
    "help": Verb(help_, "", "this list"),
}
