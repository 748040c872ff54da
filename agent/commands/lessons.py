"""What past studies taught, and what the field knows: lists it, finds it, edits it, shares it.

Lessons lie in one file a user, whichever folder a study is in; TUNEWRIGHT_LESSONS names another one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.commands.arguments import one_of, whole
from agent.lessons import remember, rows, share
from agent.lessons.lesson import Lesson, LessonSource
from agent.lessons.library import open_lessons
from agent.lessons.recall import recall
from agent.lessons.search import search
from agent.plain import lessons as shown
from agent.plain.output import emit, say
from agent.store import studies
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from trainers.errors import TunewrightError, nearest

EXAMPLE = "tunewright lessons search 'loss becomes nan'"


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("action", metavar="ACTION", nargs="?", default="list", help=", ".join(ACTIONS))
    add("words", metavar="WORD", nargs="*", help="numbers of lessons, words to search for, a text, or a file")
    add("--source", type=one_of("source", LessonSource), metavar="SOURCE", help=", ".join(LessonSource))
    add("--limit", type=whole(1), default=20, metavar="N", help="of search: how many (20)")
    add("--study", metavar="STUDY", help="of search: those that fit it; of add: the study it was learnt in")
    add("--text", metavar="TEXT", help="of edit: the new wording")
    add("--when", metavar="WORDS", help="of add and edit: what else has to be so")
    add("--parameter", action="append", metavar="NAME", help="of add and edit: what it speaks of; may come again")
    add("--tag", action="append", metavar="WORD", help="of add and edit: may come again")
    add("--confidence", type=float, metavar="X", help="of add and edit: from 0 to 1")
    add("-o", "--output", type=Path, metavar="FILE", help="of export: write there (default: stdout)")
    add("--force", action="store_true", help="of export: let -o replace a file")


def run(args: argparse.Namespace) -> int:
    if args.action not in ACTIONS:
        raise TunewrightError(f"lessons knows no action '{args.action}'", remedy=nearest(args.action, ACTIONS))
    found = ACTIONS[args.action](args)
    if args.json:
        emit({"action": args.action, **found})
    return 0


Answer = dict[str, Any]


def _answer(library: Store, lessons: Sequence[Lesson], **more: Any) -> Answer:
    return {"path": str(library.path), "lessons": [shown.document(one) for one in lessons], **more}


def _list(args: argparse.Namespace) -> Answer:
    _no_words(args)
    with open_lessons() as library:
        found = [one for one in rows.all_of(library) if args.source in (None, one.source)]
        answer = _answer(library, found)
    if not args.json:
        print(shown.lessons_table(found) if found else f"No lessons{_of(args.source)} yet.")
    return answer


def _of(source: str | None) -> str:
    return f" of source '{source}'" if source else ""


def _search(args: argparse.Namespace) -> Answer:
    if bool(args.words) == bool(args.study):
        raise TunewrightError("search takes words, or --study", remedy="tunewright lessons search 'loss becomes nan'.")
    with open_lessons() as library:
        every = search(library, " ".join(args.words), 10_000) if args.words else recall(_study(args), args.limit)
        found = [one for one in every if args.source in (None, one.source)][: args.limit]
        answer = _answer(library, found)
    if not args.json:
        print(shown.lessons_table(found) if found else "No lesson fits.")
    return answer


def _study(args: argparse.Namespace) -> Study:
    with open_store(args.store, create=False) as store:
        return studies.get(store, args.study)


def _show(args: argparse.Namespace) -> Answer:
    with open_lessons() as library:
        found = [rows.get(library, number) for number in _numbers(args)]
        answer = _answer(library, found)
    if not args.json:
        print("\n\n".join(shown.lesson_lines(one) for one in found))
    return answer


def _add(args: argparse.Namespace) -> Answer:
    text = " ".join(args.words)
    if not text.strip():
        raise TunewrightError("add needs the lesson's text", remedy="tunewright lessons add 'lr above 0.1 diverges'.")
    told: Answer = {"text": text, **_fields(args)}
    lesson = remember(told, _study(args) if args.study else None)
    with open_lessons() as library:
        if args.when:
            lesson = rows.edit(library, lesson.id, conditions=replace(lesson.conditions, when=args.when))
        answer = _answer(library, [lesson])
    if not args.json:
        say(f"Kept as lesson {lesson.id}.")
    return answer


def _fields(args: argparse.Namespace) -> Answer:
    given = {"subjects": args.parameter, "tags": args.tag, "confidence": args.confidence}
    return {name: tuple(v) if isinstance(v, list) else v for name, v in given.items() if v is not None}


def _edit(args: argparse.Namespace) -> Answer:
    [number] = _numbers(args, exactly=1)
    changes = _fields(args) | ({"text": args.text} if args.text is not None else {})
    if not changes and args.when is None:
        raise TunewrightError("edit changes nothing", remedy="Give --text, --when, --parameter, --tag or --confidence.")
    with open_lessons() as library:
        held = rows.get(library, number).conditions
        if args.when is not None:
            changes["conditions"] = replace(held, when=args.when)
        answer = _answer(library, [rows.edit(library, number, **changes)])
    if not args.json:
        say(f"Lesson {number} changed.")
    return answer


def _delete(args: argparse.Namespace) -> Answer:
    with open_lessons() as library:
        found = [rows.get(library, number) for number in _numbers(args)]
        for lesson in found:
            rows.delete(library, lesson)
        answer = _answer(library, found)
    if not args.json:
        say(f"Deleted {', '.join(f'lesson {one.id}' for one in found)}. Nothing writes them again.")
    return answer


def _export(args: argparse.Namespace) -> Answer:
    """All but what ships with Tunewright as it is, unless told otherwise."""
    from agent.exports.export import place

    with open_lessons() as library:
        if args.words:
            found = [rows.get(library, n) for n in _numbers(args)]
        else:
            every = rows.all_of(library)
            found = [one for one in every if one.source == args.source] if args.source else share.ours(every)
        answer = _answer(library, found, output=None if args.output is None else str(args.output))
    text = "".join(share.lines(found))
    if args.output is not None:
        place(args.output, lambda path: _write(path, text), force=args.force)
        say(f"Wrote {len(found)} lessons to {args.output}.")
    elif not args.json:
        sys.stdout.write(text)
    return answer


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _import(args: argparse.Namespace) -> Answer:
    if len(args.words) != 1:
        raise TunewrightError("import takes one file", remedy="'-' reads from standard input.")
    name = args.words[0]
    text = _text(name)
    with open_lessons() as library:
        took = share.take(library, text, "standard input" if name == "-" else name)
        new = [*took.added, *took.changed]
        counts = {"added": len(took.added), "changed": len(took.changed), "known": took.known}
        answer = _answer(library, new, **counts)
    if not args.json:
        say(f"{took.said}.")
    return answer


def _text(name: str) -> str:
    if name == "-":
        return share.checked(sys.stdin.buffer.read(share.MOST_BYTES + 1), "standard input")
    return share.read_file(Path(name))


def _numbers(args: argparse.Namespace, exactly: int | None = None) -> list[int]:
    if not args.words or (exactly is not None and len(args.words) != exactly):
        what = "one lesson's number" if exactly == 1 else "numbers of lessons"
        raise TunewrightError(f"{args.action} takes {what}", remedy="'tunewright lessons' lists them.")
    read = whole(1)
    try:
        return [read(word) for word in args.words]
    except argparse.ArgumentTypeError as error:
        raise TunewrightError(str(error), where=f"lessons {args.action}") from None


def _no_words(args: argparse.Namespace) -> None:
    if args.words:
        raise TunewrightError("list takes no words", remedy=f"tunewright lessons search '{' '.join(args.words)}'.")


ACTIONS: dict[str, Callable[[argparse.Namespace], Answer]] = {
    "list": _list,
    "search": _search,
    "show": _show,
    "add": _add,
    "edit": _edit,
    "delete": _delete,
    "export": _export,
    "import": _import,
}
