"""A font to draw letters with, for pictures of dots (PNG): SVG leaves the choice to whoever shows it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# File names without their ending, the best first: those in front hold ★, ✗ and ▶.
_KNOWN = {
    "DejaVuSansMono": "DejaVu Sans Mono",
    "Menlo": "Menlo",
    "CascadiaMono": "Cascadia Mono",
    "NotoSansMono-Regular": "Noto Sans Mono",
    "FreeMono": "FreeMono",
    "consola": "Consolas",
    "UbuntuMono-R": "Ubuntu Mono",
    "LiberationMono-Regular": "Liberation Mono",
    "cour": "Courier New",
}
_BOLD = {"DejaVuSansMono": "DejaVuSansMono-Bold", "LiberationMono-Regular": "LiberationMono-Bold"}


@dataclass(frozen=True)
class Font:
    family: str
    files: tuple[str, ...]


def folders() -> list[Path]:
    """Where fonts lie on Linux, macOS and Windows."""
    home = Path.home()
    system = ["/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts"]
    mine = [home / ".fonts", home / ".local/share/fonts", home / "Library/Fonts"]
    windows = os.environ.get("WINDIR")
    return [*map(Path, system), *mine, *([Path(windows) / "Fonts"] if windows else [])]


@cache
def monospace() -> Font | None:
    """The best font of fixed width on this machine; None when there is none that we know."""
    return find(folders())


def find(places: Sequence[Path]) -> Font | None:
    found = {path.stem: path for place in places for path in _files(place)}
    for stem, family in _KNOWN.items():
        if stem in found:
            bold = found.get(_BOLD.get(stem, ""))
            return Font(family, (str(found[stem]), *([str(bold)] if bold is not None else [])))
    return None


def _files(place: Path) -> Iterable[Path]:
    return sorted(p for p in place.rglob("*") if p.suffix.lower() in (".ttf", ".otf", ".ttc")) if place.is_dir() else ()
