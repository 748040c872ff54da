"""A source file as text and syntax tree, whatever the file holds: nothing is run or imported."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from pathlib import Path

from trainers.errors import TunewrightError

LARGEST = 2 << 20  # bytes: a training script is smaller, and a larger file costs seconds to parse


def read_text(path: Path) -> str:
    """The file's text, in the encoding it declares (PEP 263). Raises TunewrightError, saying why it cannot be read."""
    where = str(path)
    try:
        if not path.is_file():
            what = "it is a folder" if path.is_dir() else "there is no such file"
            raise TunewrightError(what, where=where, remedy="Name the script that trains.")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise TunewrightError(f"it cannot be read ({error.strerror or error})", where=where) from None
    except ValueError as error:  # a NUL in the name
        raise TunewrightError(f"it cannot be read ({error})", where=repr(where)) from None
    if len(data) > LARGEST:
        raise TunewrightError(f"it is larger than {LARGEST >> 20} MiB", where=where, remedy="Name the script itself.")
    if b"\0" in data:
        raise TunewrightError("it is binary, not a script", where=where, remedy="Name the script that trains.")
    return _decoded(data)


def _decoded(data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        text = data.decode("latin-1")  # every byte is a character; options are ASCII anyway
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(path: Path) -> ast.Module:
    """The file's syntax tree. Raises TunewrightError with the line where it is not Python of today."""
    text = read_text(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in somebody's regular expression
            return ast.parse(_without_cookie(text))
    except SyntaxError as error:
        remedy = "Is it Python 2? It must at least be readable as Python 3."
        what = f"it is not valid Python: {error.msg}"
        raise TunewrightError(what, where=f"{path}:{error.lineno or 1}", remedy=remedy) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise TunewrightError(f"it cannot be parsed ({type(error).__name__})", where=str(path)) from None


def _without_cookie(text: str) -> str:
    """`ast.parse` refuses an unknown encoding cookie even in text that is decoded already."""
    lines = text.split("\n", 2)
    head = [line.replace("coding", "c0ding") if line.lstrip().startswith("#") else line for line in lines[:2]]
    return "\n".join([*head, *lines[2:]])
