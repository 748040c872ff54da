"""What the terminal can show, as far as the environment tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TRUE = 1 << 24
_ENDINGS = {"direct": TRUE, "256color": 256, "kitty": TRUE, "ghostty": TRUE, "alacritty": TRUE, "88color": 16}


@dataclass(frozen=True)
class Kind:
    """`colours`: 16, 256 or 2^24. `light`: its background, where it tells. `letters`: which text it can show."""

    colours: int = TRUE
    no_color: bool = False
    light: bool = False
    console: bool = False  # Linux's own, without a window system
    utf8: bool = True
    tmux: bool = False
    screen: bool = False

    @property
    def plain(self) -> bool:
        """Whether marks, frames and plots must do with ASCII."""
        return self.console or not self.utf8


def kind(environment: Mapping[str, str]) -> Kind:
    if environment.get("TEXTUAL_DRIVER", "").endswith("WebDriver"):  # a browser, whatever `serve` was started in
        return Kind(no_color=bool(environment.get("NO_COLOR")))
    term = environment.get("TERM", "xterm-256color")
    return Kind(
        colours=_colours(term, environment.get("COLORTERM", "")),
        no_color=bool(environment.get("NO_COLOR")),  # an empty one is none, https://no-color.org
        light=_light(environment.get("COLORFGBG", "")),
        console=term == "linux",
        utf8=_utf8(environment),
        tmux=bool(environment.get("TMUX")),
        screen=bool(environment.get("STY")) and not environment.get("TMUX"),
    )


def _colours(term: str, colorterm: str) -> int:
    if colorterm.lower() in ("truecolor", "24bit"):
        return TRUE
    return _ENDINGS.get(term.rpartition("-")[2], 16)


def _light(fgbg: str) -> bool:
    """COLORFGBG, as rxvt, Konsole and others set it: `0;15` is black on white, `12;default;0` has a middle."""
    background = fgbg.rpartition(";")[2]
    return background.isdigit() and int(background) in (7, *range(9, 16))


def _utf8(environment: Mapping[str, str]) -> bool:
    """By the first of LC_ALL, LC_CTYPE and LANG that says something. None of them: as nearly every terminal, yes."""
    locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or ""
    if locale == "C.UTF-8" and not environment.get("LC_ALL") and environment.get("LANG") in ("C", "POSIX"):
        return False  # Python made it so of the C locale (PEP 538): it says nothing of the terminal
    return not locale or "utf-8" in locale.lower() or "utf8" in locale.lower()
