"""Options that name the folder a script writes to: each run gets one of its own, and none overwrites another's."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.guide.nouns import Option, Reading

_FOLDER = re.compile(
    r"(?:\w*_)?(?:out(?:put)?|save|logs?|logging|results?|tb|tensorboard|runs?|exp(?:eriment)?|work|ckpts?|checkpoints?"
    r"|default_root)_?(?:dir(?:ectory)?|folder|root)|outdir|logdir|savedir|default_root_dir|hydra\.run\.dir"
)
_READ_FROM = re.compile(r"resume|pretrain|init|load|cache|data|input")


def folders(reading: Reading) -> tuple[Option, ...]:
    """Options of the command line that name a folder for results."""
    return tuple(option for option in reading.options if _is_folder(option))


def _is_folder(option: Option) -> bool:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", option.name).replace("-", "_").lower()
    fits = _FOLDER.fullmatch(name) is not None and not _READ_FROM.search(name)
    return fits and option.kind == "text" and any("{}" in word for word in option.words)


def redirected(options: Iterable[Option]) -> tuple[str, ...]:
    """The words that send them into the trial's own folder: `--output-dir {checkpoint}`, which exists and is empty."""
    return tuple(word.replace("{}", "{checkpoint}") for option in options for word in option.words)
