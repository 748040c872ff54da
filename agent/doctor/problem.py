"""Something found to be wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """`level` is "error" where nothing works until it is mended, "warning" where something is lost."""

    level: str
    what: str
    where: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{self.level}: {head}. {self.remedy}".strip()
