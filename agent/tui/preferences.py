"""What a person has set and what the terminal can show, as the app uses them; a change acts at once and is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.filter import LineFilter, Monochrome, NoColor

from agent.settings.effective import Settings
from agent.settings.setting import Setting
from agent.tui.ink.terminal_kind import kind
from agent.tui.ink.themes import chosen

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


class Preferences:
    """Owned by the app."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.kind = kind(settings.environment)
        self._marks: LineFilter | None = None
        self._no_color = NoColor()
        self._read()

    def __getitem__(self, name: str) -> Any:
        """The value of a setting by its name."""
        return self.settings.value(name)

    @property
    def theme(self) -> str:
        """The theme's own name."""
        return chosen(self["look.theme"], self.kind)

    @property
    def plain(self) -> bool:
        """Whether everything is drawn in ASCII."""
        return self._marks is not None

    def filters(self, usual: list[LineFilter]) -> list[LineFilter]:
        """What every line goes through on its way to the terminal; without colour only attributes are left."""
        found = [one for one in usual if not isinstance(one, Monochrome)]
        found += [self._no_color] if self.kind.no_color else []
        return found + ([self._marks] if self._marks is not None else [])

    def begin(self, app: TunewrightApp) -> None:
        """Before the first frame."""
        app.no_color = self.kind.no_color
        app.animation_level = "none" if self["look.reduced_motion"] else "full"
        app.theme = self.theme

    def change(self, app: TunewrightApp, setting: Setting, value: Any, *, unset: bool = False) -> None:
        """Writes it and lets it act. Raises TunewrightError when the file cannot be written."""
        self.settings = self.settings.put(setting, value, unset=unset or value is None)
        self._read()
        self.begin(app)
        for screen in app.screen_stack:
            screen.refresh(layout=True)
            for widget in screen.query("*"):
                widget.notify_style_update()
                widget.refresh()
        if app.desk is not None and app.desk.study is not None:
            app.desk.study.paced()

    def _read(self) -> None:
        wanted = self["look.ascii"]
        plain = wanted == "on" or (wanted == "auto" and self.kind.plain)
        if not plain:
            self._marks = None
        elif self._marks is None:
            from agent.tui.ink.plain_marks import PlainMarks

            self._marks = PlainMarks(letters=self.kind.utf8)
