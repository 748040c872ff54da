"""What may follow in the composer: slash commands, their arguments, and `@t17` for a trial."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from agent.study.nouns import Trial
from agent.study.policy import PolicyKind
from agent.study.spec import SEARCHES
from agent.tui import commands
from agent.tui.commands.command import Command
from agent.tui.ink.looks import look
from agent.tui.model import StudyModel
from agent.tui.text import full_param, number, param
from trainers.parameters import CategoricalParameter, NumberParameter

_MOST = 40
_MENTION = re.compile(r"(?:^|(?<=\s))@(?P<word>[tT]?\d*|best|last)$")


@dataclass(frozen=True)
class Offer:
    """`text` is all that then stands in the composer; `shown` and `about` say what it is. `whole` is a command or a
    mention whose beginning alone means nothing: enter completes it instead of sending."""

    text: str
    shown: str
    about: str = ""
    whole: bool = False


def offers(text: str, model: StudyModel | None) -> list[Offer]:
    """Those that fit what stands before the cursor, which is at the end of `text`."""
    if text.startswith("/") and not any(c.isspace() for c in text):
        return [_command(c) for c in commands.matching(text[1:])]
    if model is None:
        return []
    if mention := _MENTION.search(text):
        head, word = text[: mention.start()], mention["word"].lower()
        return [Offer(f"{head}t{t.number} ", f"@t{t.number}", _about(t, model), True) for t in _mentioned(word, model)]
    if text.startswith("/") and "\n" not in text:
        return list(_arguments(text, model))[:_MOST]
    return []


def _command(command: Command) -> Offer:
    usage = f"/{command.name} {command.arguments}".rstrip()
    return Offer(f"/{command.name}{' ' if command.arguments else ''}", usage, command.title, True)


def mentions_out(text: str, model: StudyModel | None) -> str:
    """`@t17` as the trial's name, where there is such a trial."""

    def name(match: re.Match[str]) -> str:
        known = model is not None and int(match[1]) in model.trials
        return f"t{match[1]}" if known else match[0]

    return re.sub(r"(?<!\S)@[tT]?(\d{1,9})\b", name, text)


def _mentioned(word: str, model: StudyModel) -> Iterator[Trial]:
    """The best, then the newest first."""
    best, digits = model.best, word.removeprefix("t")
    if best is not None and ("best".startswith(word) or str(best.number).startswith(digits)):
        yield best
    for number_ in sorted(model.trials, reverse=True)[:_MOST] if word not in ("best",) else ():
        trial = model.trials[number_]
        if (best is None or number_ != best.number) and (str(number_).startswith(digits) or word == "last"):
            yield trial
    if digits.isdigit() and (old := model.trials.get(int(digits))) is not None and len(model.trials) > _MOST:
        yield old


def _about(trial: Trial, model: StudyModel) -> str:
    seen = look(trial)
    star = "★ " if model.best is not None and trial.number == model.best.number else ""
    value = f"  {model.spec.objective.metric} {number(trial.value)}" if trial.value is not None else ""
    return f"{star}{seen.glyph} {seen.word}{value}"


# -- arguments -----------------------------------------------------------------------


def _arguments(text: str, model: StudyModel) -> Iterator[Offer]:
    name, _, rest = text[1:].partition(" ")
    words = rest.split(" ")
    word, first = words[-1], len(words) == 1
    command = commands.BY_NAME.get(name)
    if command is None:
        return
    for offered, about in _values(command, first, model, word):
        if offered.startswith(word) and offered != word:
            end = "" if offered.endswith("=") else " "
            yield Offer(text[: len(text) - len(word)] + offered + end, offered, about)


def _values(command: Command, first: bool, model: StudyModel, word: str) -> Iterable[tuple[str, str]]:
    """What may stand there: each with a word about it."""
    if command.name in ("propose", "edit"):
        numbers = _proposals(model) if command.name == "edit" and first else ()
        return [*numbers, *_assignments(model, word)]
    if command.name in ("approve", "reject", "reasons"):
        return _proposals(model) if first else ()
    if command.name == "seeds":
        return [(n, "") for n in ("1", "3", "5")] if first else ()
    if command.name in ("mark", "compare") or (first and "N" in re.split(r"[\[\]| …]+", command.arguments)):
        return _trials(model) if command.name not in ("more", "rewind", "question") else ()
    found = _WORDS.get(command.name)
    if found is not None:
        return found(model) if first or command.name in ("agent", "budget", "confirm") else ()
    return [(one, "") for one in command.words] if first else ()


def _trials(model: StudyModel) -> list[tuple[str, str]]:
    """The newest first; the numbers of old ones are typed as quickly."""
    newest = sorted(model.trials, reverse=True)[: 10 * _MOST]
    return [(str(n), _about(model.trials[n], model)) for n in newest]


def _proposals(model: StudyModel) -> list[tuple[str, str]]:
    return [(str(p.number), f"waits, by {p.source}") for p in model.pending]


def _assignments(model: StudyModel, word: str) -> Iterator[tuple[str, str]]:
    """`lr=`, and after it the values that parameter may have or has in the best trial."""
    name, sign, _ = word.partition("=")
    if not sign:
        for known, parameter in model.spec.space.parameters.items():
            yield f"{known}=", _range(parameter)
        return
    meant = model.spec.space.parameters.get(name)
    if isinstance(meant, CategoricalParameter):
        for choice in meant.choices:
            yield f"{name}={full_param(choice)}", ""
    elif model.best is not None and name in model.best.params:
        yield f"{name}={full_param(model.best.params[name])}", f"as in the best, t{model.best.number}"


def _range(parameter: object) -> str:
    if isinstance(parameter, CategoricalParameter):
        return " | ".join(param(choice) for choice in parameter.choices)
    if isinstance(parameter, NumberParameter):
        return f"{param(parameter.low)} … {param(parameter.high)}{' log' if parameter.log else ''}"
    return ""


def _formats(model: StudyModel) -> list[tuple[str, str]]:
    from agent.exports import FORMATS

    return [(name, "") for name in FORMATS]


def _sorts(model: StudyModel) -> list[tuple[str, str]]:
    from agent.tui.rows import sort_names

    return [(name, "") for name in sort_names(model)]


def _agent(model: StudyModel) -> list[tuple[str, str]]:
    from agent.study.study_schema import TABLES

    return [(f"{name}=", key.about) for name, key in (TABLES["agent"] or {}).items()]


def _panels(model: StudyModel) -> list[tuple[str, str]]:
    from agent.tui.actions.screen import PANELS

    return [(name, letter) for letter, name in PANELS.items()]


_WORDS: Mapping[str, Callable[[StudyModel], Iterable[tuple[str, str]]]] = {
    "metric": lambda model: [(name, "") for name in model.metrics],
    "policy": lambda model: [(str(kind), "") for kind in PolicyKind],
    "search": lambda model: [(name, "") for name in SEARCHES],
    "budget": lambda model: [("trials=", "in all"), ("total=", "time in all"), ("trial=", "time a trial")],
    "confirm": lambda model: [("top=", "how many of the best"), ("seeds=", "new seeds each")],
    "export": _formats,
    "sort": _sorts,
    "agent": _agent,
    "jump": _panels,
    "views": lambda model: [(name, "") for name in ("parallel", "importance", "slices")],
    "ylog": lambda model: [(name, "") for name in ("on", "off", "auto")],
}
