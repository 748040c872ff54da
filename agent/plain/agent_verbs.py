"""What can be said to a study's agent, one function a verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent import hinting
from agent.plain import desk as read
from agent.plain.desk import Desk
from agent.plain.ledger import lines
from agent.plain.space import lines as space_lines
from agent.plain.space import meant, weighed
from agent.settings import agent_words
from agent.settling import drop_bound
from agent.store import actions
from agent.study import action_words
from agent.study.nouns import Action
from agent.study.spec import StudySpec
from trainers.errors import TunewrightError


def model(desk: Desk, words: Sequence[str]) -> None:
    """`model`, or `model NAME [api_base=URL] [language=NAME]`."""
    if words:
        texts = {"api_base": str, "language": str}
        given = read.settings(words[1:], texts)
        desk.session.set_agent(replace(desk.session.spec.agent, model=words[0], **given))
    agent = desk.session.spec.agent
    desk.say(f"model {agent.model}{f' at {agent.api_base}' if agent.api_base else ''}")


def language(desk: Desk, words: Sequence[str]) -> None:
    if words:
        desk.session.set_agent(replace(desk.session.spec.agent, language=" ".join(words)))
    desk.say(f"language {desk.session.spec.agent.language or 'English'}")


def settings(desk: Desk, words: Sequence[str]) -> None:
    """`agent`, or `agent money=5 explain_worse_than=.4`."""
    if words:
        given = {name: value for name, _, value in (word.partition("=") for word in words)}
        desk.session.set_agent(agent_words.changed(desk.session.spec.agent, given))
    desk.say(agent_words.described(desk.session.spec.agent))


def explain(desk: Desk, words: Sequence[str]) -> None:
    trial = read.trial(desk, words)
    if not trial.state.ended:
        raise TunewrightError(f"t{trial.number} is {trial.state}", remedy="It can be explained when it has ended.")
    desk.session.thinking.explain(trial)
    desk.say(f"t{trial.number} is being explained; 'why {trial.number}' shows it")


def reshape(desk: Desk, _: Sequence[str]) -> None:
    desk.session.thinking.reshape(desk.session.study)
    desk.say("the agent looks at the space; what it asks for is listed by 'asked'")


def space(desk: Desk, words: Sequence[str]) -> None:
    """`space`, or `space lr.high=.01 +momentum -wd`: what it means is said, and it is done."""
    change = None
    if words:
        change = weighed(desk.store, desk.session.study, meant(desk.session.study, words))
        desk.session.edit_space(change.space)
    desk.say(space_lines(desk.store, desk.session.study, change))


def unbind(desk: Desk, words: Sequence[str]) -> None:
    """`drop-bound 12`."""
    number = read.trial(desk, words).number
    desk.session.study = drop_bound(desk.store, desk.session.study, number)
    desk.say(f"t{number} bounds nothing any more: larger configs may be proposed again")


def hint(desk: Desk, words: Sequence[str]) -> None:
    """`hint lr ~ 1e-3; small batch_size`, or `hint drop`."""
    said = " ".join(words)
    reading = hinting.heard(desk.session.study, said)
    desk.session.study = hinting.hint(desk.store, desk.session.study, said)
    told = f"searches lean that way, less with every trial. {reading.told(desk.session.spec.space)}"
    desk.say(told if reading.beliefs else "hints are taken back")


def ledger(desk: Desk, _: Sequence[str]) -> None:
    desk.say(lines(desk.store, desk.session.study))


def asked(desk: Desk, _: Sequence[str]) -> None:
    waiting = actions.pending(desk.store, desk.session.study.id)
    desk.say("\n".join(action_card(a, desk.session.spec) for a in waiting) or "the agent asks for nothing")


def accept(desk: Desk, words: Sequence[str]) -> None:
    action, _ = _meant(desk, words)
    desk.session.settle(action, approve=True)
    desk.say(f"{action_words.title(action)}: done")


def decline(desk: Desk, words: Sequence[str]) -> None:
    action, reason = _meant(desk, words)
    desk.session.settle(action, approve=False, reason=" ".join(reason))
    desk.say(f"{action_words.title(action)}: not done")


def action_card(action: Action, spec: StudySpec, *, verbs: bool = True) -> str:
    """What the agent asks for, on some lines; with the verbs that answer it."""
    lines = [f"{action_words.asker(action)} asks ({action.number}): {action_words.title(action)}"]
    details = [f"  {line}" for line in action_words.details(action, spec)]
    reason = [f"  {'why: ' if details else ''}{action.reason}"] if action.reason else []
    lines += [*details, *reason]
    return "\n".join([*lines, f"  accept {action.number}, or decline {action.number} [reason]"] if verbs else lines)


def _meant(desk: Desk, words: Sequence[str]) -> tuple[Action, Sequence[str]]:
    """The action of that number, or the only one that waits; and the words after the number."""
    waiting = actions.pending(desk.store, desk.session.study.id)
    if words and read.is_whole(words[0]):
        found = [a for a in waiting if a.number == int(words[0])]
        words = words[1:]
    else:
        found = waiting
    if len(found) == 1:
        return found[0], words
    numbers = ", ".join(str(a.number) for a in waiting)
    remedy = f"Waiting: {numbers}." if waiting else ""
    raise TunewrightError("which one?" if waiting else "the agent asks for nothing", remedy=remedy)
