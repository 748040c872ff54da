"""Fetches the ETT files: `tunewright data ett`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.plain.output import say
from trainers.errors import TunewrightError
from trainers.informer.ett import ADDRESS, FILES, LICENCE, VARIABLE, DataFile, data_folder


def run(args: argparse.Namespace) -> dict[str, Any]:
    folder: Path = (data_folder() if args.to is None else args.to.expanduser()).absolute()
    address = (args.address or ADDRESS).rstrip("/")
    fetched = _fetch_all([file for file in FILES.values() if not _is_there(folder / file.name, file)], address, folder)
    files = [{"path": folder / f.name, "bytes": f.size, "fetched": f.name in fetched} for f in FILES.values()]
    document = {"folder": folder, "source": LICENCE, "files": files}
    if args.json:
        return document
    for file in files:
        say(f"{file['path']}: {'fetched' if file['fetched'] else 'is there already'}.")
    say(f"Source: {LICENCE}.")
    if args.to is not None:
        say(f"Studies find them there with {VARIABLE}={folder}, or with path under [options].")
    return document


def _is_there(path: Path, file: DataFile) -> bool:
    """Whether the file has been fetched before. Raises TunewrightError where another one stands in its place."""
    from trainers.informer.sources import checksum

    if not path.exists():
        return False
    if checksum(path) != file.sha256:
        raise TunewrightError(
            "there is another file of that name", where=str(path), remedy="Move it away, or fetch with --to FOLDER."
        )
    return True


def _fetch_all(wanted: list[DataFile], address: str, folder: Path) -> set[str]:
    """The names of the files fetched, with a bar for each in a terminal."""
    if not wanted:
        return set()
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    from agent.download import DownloadError, download

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for file in wanted:
            told = _teller(progress, progress.add_task(file.name, total=file.size))
            try:
                download(f"{address}/{file.name}", folder / file.name, size=file.size, sha256=file.sha256, told=told)
            except DownloadError as error:
                error.remedy += f" Or put {file.name} into {folder} yourself, or name a mirror with --from."
                raise
    return {file.name for file in wanted}


def _teller(progress: Any, task: Any) -> Callable[[int], None]:
    return lambda came: progress.update(task, completed=came)
