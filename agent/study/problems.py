"""What is wrong with a study file: all of it at once, each with file, line, key and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.study.toml_lines import KeyPath, key_lines
from trainers.errors import TunewrightError


@dataclass(frozen=True)
class Problem:
    """One fault, or one warning. `line` counts from 1."""

    file: str
    line: int
    key: str
    what: str
    remedy: str = ""

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}: {self.key}" if self.key else f"{self.file}:{self.line}"

    def __str__(self) -> str:
        return str(TunewrightError(self.what, where=self.where, remedy=self.remedy))


class StudyFileError(TunewrightError):
    """A study file that cannot be used, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        if len(problems) == 1:
            super().__init__(first.what, where=first.where, remedy=first.remedy)
        else:
            listed = "\n".join(f"  {problem}" for problem in problems)
            super().__init__(f"{len(problems)} problems\n{listed}", where=first.file)
        self.problems = tuple(problems)


class Problems:
    """Collects what is found while a file is read."""

    def __init__(self, file: str, text: str) -> None:
        self._file, self._lines = file, key_lines(text)
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def error(self, key: KeyPath, what: str, remedy: str = "") -> None:
        self.errors.append(self._problem(key, what, remedy))

    def warn(self, key: KeyPath, what: str, remedy: str = "") -> None:
        self.warnings.append(self._problem(key, what, remedy))

    def take(self, key: KeyPath, error: TunewrightError) -> None:
        """An error from another room, put in its place in the file."""
        self.error(key, error.what, error.remedy)

    def raise_any(self) -> None:
        """Raises StudyFileError if there was an error."""
        if self.errors:
            raise StudyFileError(sorted(self.errors, key=lambda problem: problem.line))

    def _problem(self, key: KeyPath, what: str, remedy: str) -> Problem:
        name = ".".join(str(part) for part in key if isinstance(part, str))
        return Problem(self._file, self._line(key), name, what, remedy)

    def _line(self, key: KeyPath) -> int:
        """Of the key, or of the nearest table around it that stands in the file."""
        known = (key[:end] for end in range(len(key), 0, -1))
        return next((self._lines[part] for part in known if part in self._lines), 1)
