"""Writes docs/settings.md from the schema of settings: `python docs/make_settings.py`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agent.settings import person, schema, values
from agent.settings.setting import PERSON, STUDY, Setting

PAGE = Path(__file__).with_name("settings.md")
HEAD = """# Settings

Made from the schema the program itself reads, by `python docs/make_settings.py`.

Your own settings lie in `settings.toml` in the configuration folder (`~/.config/tunewright` on Linux;
`XDG_CONFIG_HOME` is honoured), beside `keys.toml`. Change them on the app's page (`/settings`), with `tunewright
settings NAME VALUE`, or in an editor: the first two leave comments as they are. A study's settings lie in its study
file and in the store.

A value comes from the first of these that has one: **flag, environment, study, your file, default**. Your file's
defaults for studies count when a study is made from a file that leaves them open; a study that exists keeps its
own. Page and command show where each value comes from. What cannot be used is told with file, line, key and the
nearest name; the rest of it holds.

```toml
[look]
theme = "contrast"

[notify]
bell = false

[agent]
model = "claude-sonnet-4-5"
money = 5
```
"""


def row(setting: Setting, *, flags: bool) -> str:
    name = f"`{setting.short if not flags else setting.name}`"
    may_be = values.expected(setting)
    cells = (name, setting.key.about, may_be, f"`{values.shown(setting, setting.default)}`")
    cells += (f"`{setting.environment}`", f"`{setting.flag}`" if setting.flag else "–")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def table(settings: Iterable[Setting], *, flags: bool = False) -> str:
    head = "| setting | what it is | may be | default | environment | flag |\n|---|---|---|---|---|---|\n"
    return head + "".join(row(s, flags=flags) for s in settings)


def page() -> str:
    out = HEAD
    for name in dict.fromkeys(s.table for s in schema.OF_PERSON):
        here = [s for s in schema.OF_PERSON if s.table == name]
        out += f"\n## `[{name}]`\n\n{person.SECTIONS[name]}\n\n{table(here)}"
    out += (
        "\n## Of a study\n\nIn its study file by these names ([study-file.md](study-file.md)); in the app, or with "
        "`tunewright settings --study STUDY`, for the study in the store. Those marked ○ may have "
        "a default of your own.\n\n"
    )
    listed = table((s for s in schema.SETTINGS if STUDY in s.scopes), flags=True)
    for setting in schema.SETTINGS:
        if STUDY in setting.scopes and PERSON in setting.scopes:
            listed = listed.replace(f"| `{setting.name}` |", f"| `{setting.name}` ○ |")
    return out + listed


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
