"""Why a try failed, in one sentence that says what to do."""

from __future__ import annotations

import re
from pathlib import Path

from trainers.contract import Failure, FailureKind

_NO_GPU = re.compile(
    r"No CUDA GPUs are available|Found no NVIDIA driver|not compiled with CUDA|no CUDA-capable device"
    r"|CUDA driver version|torch\.cuda\.is_available\(\) is False|No HIP GPUs|CUDA is not available"
    r"|requires? a GPU|GPU is required|needs? a GPU",
    re.IGNORECASE,
)
_NO_INPUT = re.compile(r"EOFError: EOF when reading a line|Aborted!\s*\Z|Inappropriate ioctl for device")
_REQUIRED = re.compile(
    r"the following arguments are required: (?P<a>.+)|Missing (?:option|argument|parameter) ['\"]?(?P<b>[^'\".\n]+)"
    r"|one of the arguments (?P<c>.+) is required"
)
_GROUP = re.compile(r"^\W*Usage: .* COMMAND \[ARGS\]", re.MULTILINE)
_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)


def sentence(failure: Failure, folder: Path) -> str:
    """The failure of a script that was run in `folder`."""
    text = f"{failure.stderr_tail}\n{failure.traceback}\n{failure.message}"
    if required := _REQUIRED.search(text):
        names = (required["a"] or required["b"] or required["c"]).strip(" │|")
        return f"it cannot run without {names}: give it after --, as in 'tunewright init SCRIPT -- {_example(names)}'"
    if _GROUP.search(text):
        return "it is a group of commands: say which after --, as in 'tunewright init SCRIPT -- train'"
    if _NO_GPU.search(text):
        return f"it needs a GPU, and this machine shows it none ({_last(failure, folder)})"
    if _NO_INPUT.search(text):
        return f"it asks for input, which nobody gives a trial: give it an option instead ({_last(failure, folder)})"
    if failure.kind is FailureKind.IMPORT_ERROR:
        module = failure.details.get("module")
        what = f"its Python has no module '{module}'" if module else "an import failed"
        return f"{what}: choose another with --python, or install it there ({_last(failure, folder)})"
    return _last(failure, folder)


def _last(failure: Failure, folder: Path) -> str:
    place = place_of(failure.traceback, folder)
    return f"{failure.message} ({place})" if place else failure.message


def place_of(traceback: str, folder: Path) -> str:
    """`train.py:12`: the innermost frame in the person's own folder, else the innermost of all; empty without any."""
    frames = [(Path(m["file"]), m["line"]) for m in _FRAME.finditer(traceback)]
    own = [f for f in frames if _within(f[0], folder)]
    if not frames:
        return ""
    path, line = (own or frames)[-1]
    return f"{path.name}:{line}"


def _within(path: Path, folder: Path) -> bool:
    whole = (folder / path).resolve()
    return whole.is_relative_to(folder.resolve()) and "site-packages" not in whole.parts


def _example(names: str) -> str:
    first = re.split(r"[,\s]+", names)[0].split("/")[0]
    return f"{first} …" if first.startswith("-") else "…"
