"""GGUF files on this machine, in the places where people and other programs keep them."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"GGUF"
_DEPTH, _ENTRIES, _SECONDS, _MOST = 5, 20_000, 0.5, 50  # how far one place is searched
_LATER_PART = re.compile(r"-(?!00001)\d{5}-of-\d{5}\.gguf$", re.I)  # of a model in several files the first is opened
_OLLAMA_MODEL = "application/vnd.ollama.image.model"


@dataclass(frozen=True)
class GgufFile:
    path: Path
    title: str
    size: int


def find(folder: Path) -> list[GgufFile]:
    """Those in `folder` and in the usual places, without doubles; a few dozen at most, in half a second or so."""
    found: dict[Path, GgufFile] = {}
    until = time.monotonic() + _SECONDS
    for place, depth in _places(folder):
        for path in _walk(place, depth, until):
            if (file := _checked(path, path.name)) is not None:
                found.setdefault(path.resolve(), file)
    for file in _of_ollama():
        found.setdefault(file.path.resolve(), file)
    return list(found.values())[:_MOST]


def _places(folder: Path) -> Iterator[tuple[Path, int]]:
    home = Path.home()
    yield folder, 0
    yield folder / "models", _DEPTH
    yield home / "models", _DEPTH
    for place in (".lmstudio/models", ".cache/lm-studio/models", ".cache/llama.cpp", "Library/Caches/llama.cpp"):
        yield home / place, _DEPTH
    if cache := os.environ.get("LLAMA_CACHE"):
        yield Path(cache), _DEPTH
    yield Path(os.environ.get("HF_HOME", home / ".cache" / "huggingface")) / "hub", _DEPTH


def _walk(top: Path, depth: int, until: float) -> Iterator[Path]:
    """Names that end in .gguf, breadth first; folders that cannot be read are passed over."""
    waiting, seen = [(top, depth)], 0
    while waiting:
        folder, left = waiting.pop(0)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if seen > _ENTRIES or time.monotonic() > until:
                return
            if entry.name.lower().endswith(".gguf"):
                yield Path(entry.path)
            elif left and entry.is_dir(follow_symlinks=False):
                waiting.append((Path(entry.path), left - 1))


def _checked(path: Path, title: str) -> GgufFile | None:
    """None for what is no language model: another kind of file, a later part, an image projector."""
    if _LATER_PART.search(path.name) or "mmproj" in path.name.lower():
        return None
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return None
        return GgufFile(path, title, path.stat().st_size)
    except OSError:
        return None


def _of_ollama() -> Iterator[GgufFile]:
    """Ollama keeps models under their hash; manifests say which is which."""
    models = Path(os.environ.get("OLLAMA_MODELS", Path.home() / ".ollama" / "models"))
    manifests = models / "manifests"
    for path in sorted(manifests.glob("*/*/*/*"))[:_MOST]:
        try:
            layers = json.loads(path.read_text(encoding="utf-8"))["layers"]
            digests = [layer["digest"] for layer in layers if layer["mediaType"] == _OLLAMA_MODEL]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half written, or of another version: Ollama's server will list it
        for digest in digests:
            blob = models / "blobs" / str(digest).replace(":", "-")
            if (file := _checked(blob, f"{path.parent.name}:{path.name} of Ollama")) is not None:
                yield file
