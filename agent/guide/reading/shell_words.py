"""What a shell script says plainly: its variables with their defaults, and the Python command in it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

_ASSIGNED = re.compile(r"(?:export\s+|readonly\s+|local\s+|declare\s+(?:-\w+\s+)*)?([A-Za-z_]\w*)=(.*)", re.DOTALL)
_SET_BY_COLON = re.compile(r"""^:\s+["']?\$\{([A-Za-z_]\w*):?=([^}]*)\}["']?""")
_WHOLE = re.compile(r"\$\{?([A-Za-z_]\w*|\d)\}?\Z")
_DEFAULTED = re.compile(r"\$\{([A-Za-z_]\w*|\d):?[-=]([^}]*)\}\Z")
_STARTERS = re.compile(r"(.*/)?(python[\d.]*|torchrun|accelerate|deepspeed|ipython|uv|poetry|pdm|srun|horovodrun)\Z")


@dataclass(frozen=True)
class Variable:
    """A variable of the wrapper: `source` is who gives it: `environment`, a position, or nobody but the script."""

    name: str
    default: str
    line: int
    source: str  # "LR" (environment), "1" (a position), "" (fixed)


@dataclass
class Wrapper:
    variables: dict[str, Variable] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)  # as written, variables and all
    line: int = 0
    folder: str = ""  # where it changes to
    forwards: bool = False

    def variable(self, word: str) -> Variable | None:
        """The variable that a word of the command consists of; None for any other word."""
        if match := _WHOLE.match(word):
            name = match[1]
            position = Variable(name, "", self.line, name) if name.isdigit() else None
            return self.variables.get(name, position)
        if match := _DEFAULTED.match(word):
            return Variable(match[1], match[2], self.line, match[1])
        return None


def read_wrapper(text: str) -> Wrapper:
    wrapper = Wrapper()
    best = -1
    for line, words in _commands(text):
        if words[0] == "cd" and len(words) > 1 and "$" not in words[1]:
            wrapper.folder = words[1]
        for variable in _variables(line, words):
            wrapper.variables[variable.name] = variable
        start = next((i for i, w in enumerate(words) if _STARTERS.match(w)), None)
        if start is None or not any(w.endswith(".py") or w == "-m" for w in words[start:]):
            continue
        weight = 1 + bool(re.search(r"train|main|run|fit|finetune", " ".join(words)))
        if weight > best:
            best, wrapper.command, wrapper.line = weight, words[start:], line
    wrapper.forwards = any(re.fullmatch(r"\$[@*]|\$\{@(:\d+)?\}|\$\{\*\}", w) for w in wrapper.command)
    return wrapper


def _commands(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each command in words, with the line it begins on; what the shell's grammar makes unclear is passed over."""
    lines = text.split("\n")
    i = 0
    while i < len(lines):
        first, line = i + 1, lines[i]
        while line.endswith("\\") and i + 1 < len(lines):
            i += 1
            line = line[:-1] + " " + lines[i].strip()
        i += 1
        for part in re.split(r"\s(?:&&|\|\||;)\s|;\s*$|\s\|\s", line):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:
                words = part.split()
            if words and not part.lstrip().startswith("#"):
                yield first, words


def _variables(line: int, words: list[str]) -> Iterator[Variable]:
    if words[0] == ":" and (match := _SET_BY_COLON.match(" ".join(words))):
        yield Variable(match[1], match[2], line, match[1])
        return
    rest = words[1:] if words[0] in ("export", "readonly", "local", "declare") else words
    for word in rest:
        match = _ASSIGNED.match(word)
        if match is None:
            return  # a command: what stands before it is its own
        name, value = match[1], match[2]
        if found := _DEFAULTED.match(value):
            yield Variable(name, found[2], line, found[1])
        elif found := _WHOLE.match(value):
            yield Variable(name, "", line, found[1])
        else:
            yield Variable(name, "" if "$" in value or "`" in value else value, line, "")
