"""Which file of a folder trains: Python scripts and the shell scripts that start them, best first."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from agent.guide.nouns import Candidate

_MOST_FILES, _MOST_FOLDERS, _DEEPEST = 400, 200, 3
_LOOKED_AT = 256 << 10  # bytes of a file
_MOST_FOUND = 12
_SKIPPED = {
    "node_modules", "site-packages", "dist-packages", "build", "dist", "docs", "doc", "tests", "test", "wandb",
    "venv", "env", "virtualenv", "runs", "outputs", "lightning_logs", "checkpoints", "__pycache__", "third_party",
    "mlruns",
}  # fmt: skip
_ASIDE = "util|helper|dataset|data|model|models|layers|plot|predict|infer|eval|export|serve"
_NAMES = (
    (re.compile(r"(?i)train(er|ing|_?model)?\.(py|sh)"), 40),
    (re.compile(r"(?i).*(train|fit|finetune|fine_tune|pretrain)\w*\.(py|sh)"), 30),
    (re.compile(r"(?i)(main|run|experiment|exp|fit)\w*\.(py|sh)"), 20),
    (re.compile(r"(?i)(setup|conftest|test_\w*|\w*_test|__init__|noxfile|fabfile|tunewright_launch)\.py"), -200),
    (re.compile(rf"(?i)\w*({_ASIDE})\w*\.py"), -15),
)
_SIGNS = (
    (re.compile(rb"\.backward\(\)|\.train_step\(|training_step|value_and_grad"), 25, "a training loop"),
    (re.compile(rb"\.fit\(|\.fit_generator\(|\.partial_fit\(|lgb\.train\(|xgb\.train\(|cross_val_score\("), 20,
     "a fit"),
    (re.compile(rb"trainer\.train\(|Trainer\(|LightningCLI\("), 15, "a Trainer"),
    (re.compile(rb"ArgumentParser\(|HfArgumentParser\(|add_argument\("), 12, "argparse"),
    (re.compile(rb"@\w*\.?command\(|import click"), 12, "click"),
    (re.compile(rb"typer\.run\(|typer\.Typer\("), 12, "typer"),
    (re.compile(rb"@hydra\.main\("), 12, "hydra"),
    (re.compile(rb"tyro\.cli\(|fire\.Fire\(|absl\.flags|jsonargparse|cli_parse_args|simple_parsing|draccus"), 12,
     "a CLI"),
    (re.compile(rb"(?m)^[A-Z][A-Z0-9_]{1,30} *(: *\w+)? *= *[-\d.\"']"), 4, "constants"),
    (re.compile(rb"for \w*epoch\w* in |for \w*step\w* in |range\((\w+\.)?(num_)?(epochs|EPOCHS|steps)"), 10,
     "a loop over epochs"),
)  # fmt: skip
_MAIN = re.compile(rb"""(?m)^if __name__ *== *['"]__main__['"]""")
_STARTERS = rb"python[\d.]*|torchrun|accelerate launch|deepspeed|uv run|srun"
_STARTS_PYTHON = re.compile(rb"(?m)^[^#\n]*\b(" + _STARTERS + rb")\b[^#]*?\S+\.py\b")
_TRAINING = 20  # the points below which nothing in a file speaks of training


def find_scripts(folder: Path) -> list[Candidate]:
    """The files that may train, best first; empty where there is none. Nothing is run, and little is read."""
    found = [candidate for path in _files(folder) if (candidate := _weigh(path, folder)) is not None]
    found = [_above_its_script(candidate, found) for candidate in found]
    found.sort(key=lambda c: (-c.score, len(c.path.parts), c.path.name))
    return found[:_MOST_FOUND]


def _above_its_script(wrapper: Candidate, found: list[Candidate]) -> Candidate:
    """A wrapper beside the one script that it starts stands for it: it knows what to give it."""
    starts = wrapper.reason.partition(": starts ")[2]
    behind = [c for c in found if c.path.name == starts and c.path.parent == wrapper.path.parent]
    wrappers = [c for c in found if c.reason.endswith(f": starts {starts}")]
    if not starts or not behind or len(wrappers) > 1:
        return wrapper
    return replace(wrapper, score=max(wrapper.score, behind[0].score + 1))


def _files(folder: Path) -> Iterator[Path]:
    """Python and shell files, the folder's own first; no link is followed into a folder."""
    waiting, folders, files = [(folder, 0)], 0, 0
    while waiting:
        here, depth = waiting.pop(0)
        folders += 1
        try:
            entries = sorted(os.scandir(here), key=lambda e: e.name)
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if depth < _DEEPEST and folders + len(waiting) < _MOST_FOLDERS and not _is_skipped(entry):
                        waiting.append((Path(entry.path), depth + 1))
                elif entry.name.endswith((".py", ".sh")) and not entry.name.startswith(".") and entry.is_file():
                    files += 1
                    yield Path(entry.path)
            except OSError:
                continue
            if files >= _MOST_FILES:
                return


def _is_skipped(entry: os.DirEntry[str]) -> bool:
    return (
        entry.name.startswith(".")
        or entry.name.lower() in _SKIPPED
        or entry.name.endswith(".egg-info")
        or os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))
    )


def _weigh(path: Path, folder: Path) -> Candidate | None:
    try:
        with path.open("rb") as file:
            data = file.read(_LOOKED_AT)
    except OSError:
        return None
    if b"\0" in data or not data.strip():
        return None
    by_name = next((points for pattern, points in _NAMES if pattern.fullmatch(path.name)), 0)
    depth = len(path.relative_to(folder).parts) - 1
    if path.suffix == ".sh":
        return _wrapper(path, data, by_name, depth)
    signs = [(points, what) for pattern, points, what in _SIGNS if pattern.search(data)]
    main = bool(_MAIN.search(data))
    score = by_name + sum(points for points, _ in signs) + 8 * main - 5 * depth
    if score < _TRAINING or not signs:
        return None
    has = [what for _, what in signs[:3]]
    reason = f"has {' and '.join(has) if len(has) < 3 else f'{has[0]}, {has[1]} and {has[2]}'}"
    return Candidate(path, f"{path.relative_to(folder)}: {reason}", score)


def _wrapper(path: Path, data: bytes, by_name: int, depth: int) -> Candidate | None:
    """A shell script counts when it starts Python; the script behind it usually counts for more."""
    match = _STARTS_PYTHON.search(data.replace(b"\\\n", b" "))
    if match is None:
        return None
    target = match[0].split()[-1].decode("utf-8", "replace")
    points = 15 + by_name - 5 * depth
    return Candidate(path, f"{path.name}: starts {Path(target).name}", points) if points >= _TRAINING else None
