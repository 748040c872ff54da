"""The chat: copying, following, going back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


def ask(app: TunewrightApp, args: str) -> None:
    words, offered = args.strip(), app.study.chat.offered
    if not words or words.isdecimal():
        at = int(words or 1)
        if not 0 < at <= len(offered):
            raise TunewrightError("no such question is offered", remedy="Write it out, such as: why did 17 fail?")
        words = offered[at - 1]
    app.study.ask(words)


def copy(app: TunewrightApp, args: str) -> None:
    chosen = app.study.chat.lines.chosen
    if chosen is None:
        raise TunewrightError("nothing has been said yet")
    app.copy_to_clipboard(chosen.said)
    lines = chosen.said.count("\n") + 1
    app.say(f"copied {lines} line{'s' * (lines > 1)}")


def cite(app: TunewrightApp, args: str) -> None:
    lines = app.study.chat.lines
    target = lines.link
    if not target and lines.has_focus and not lines.is_choosing:
        app.study.composer.focus()
        return
    if not target:
        remedy = f"up and down choose a block of the chat; {app.key_name('back')} to type."
        raise TunewrightError("no evidence is under the cursor", remedy=remedy)
    app.follow_link(target)


def fold(app: TunewrightApp, args: str) -> None:
    lines, words = app.study.chat.lines, args.strip()
    if words in ("all", "none"):
        lines.fold_all(folded=words == "all")
    elif words and not words.isdecimal():
        raise TunewrightError(f"'{words}' is neither all nor none", remedy="/fold alone takes the last long turn.")
    elif not lines.fold(int(words) if words else None):
        raise TunewrightError("there is no long turn to fold here")


def more(app: TunewrightApp, args: str) -> None:
    app.study.chat.load_earlier()


def rewind(app: TunewrightApp, args: str) -> None:
    """Shows what would be dropped; nothing is before that is confirmed."""
    from agent.tui.screens.rewind import RewindScreen

    words = args.strip()
    if words and not (words.isdecimal() and 0 < int(words) < 1000):
        raise TunewrightError(f"'{words}' is no number of questions", remedy="Write /rewind or /rewind 2.")
    turns = app.study.chat.standing_turns
    questions = [t for t in turns if t.role == "person"]
    if not questions:
        raise TunewrightError("there is no question to take back")
    count = int(words) if words else 1
    if count > len(questions):
        raise TunewrightError(f"only {len(questions)} can be taken back here", remedy="/more shows earlier ones.")
    app.push_screen(RewindScreen(turns, count))
