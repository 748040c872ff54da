"""Choosing what to export, and putting it where it was asked for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.exports import optuna_storage
from agent.exports.arguments import as_args
from agent.exports.config_formats import as_json, as_python, as_toml, as_yaml
from agent.exports.provenance import provenance
from agent.exports.table import as_csv
from agent.store import trials as trial_rows
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Trial
from agent.summary import best
from trainers.errors import TunewrightError, nearest

CONFIG_FORMATS = ("toml", "json", "yaml", "args", "python")
STUDY_FORMATS = ("csv", "optuna", "html")
FORMATS = (*CONFIG_FORMATS, *STUDY_FORMATS)


class ExportError(TunewrightError):
    """There is nothing to export, or the file cannot be written."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True)
class Export:
    """What was exported: `text` (None for optuna), or the file it was written to; `trial` for one config."""

    format: str
    trial: int | None = None
    text: str | None = None
    path: Path | None = None


def export(
    store: Store,
    study: Study,
    format: str,
    *,
    number: int | None = None,
    output: Path | None = None,
    force: bool = False,
) -> Export:
    """The config of trial `number` (the best one unless told), or all trials for csv and optuna.

    With `output` it is written there, never over an existing file unless `force`. Raises ExportError
    when there is nothing to export or the file cannot be written, TunewrightError for a wrong request.
    """
    _check(format, number, output)
    trials = trial_rows.all_trials(store, study.id)
    if format in STUDY_FORMATS:
        if not trials:
            raise ExportError(
                f"study '{study.name}' has no trials yet", remedy=f"Run 'tunewright run {study.name}' first."
            )
        if format == "optuna" and output is not None:
            place(output, lambda path: optuna_storage.write(path, store, study, trials), force=force)
            return Export(format=format, path=output)
        made = Export(format=format, text=_study_text(store, study, trials, format))
    else:
        trial = trial_rows.get(store, study.id, number) if number is not None else _best(study, trials)
        made = Export(format=format, trial=trial.number, text=_config_text(study, trial, len(trials), format))
    if output is not None:
        text = made.text or ""
        place(output, lambda path: _write_text(path, text), force=force)
        return Export(format=format, trial=made.trial, text=text, path=output)
    return made


def _check(format: str, number: int | None, output: Path | None) -> None:
    if format not in FORMATS:
        raise TunewrightError(f"there is no format '{format}'", where="--format", remedy=nearest(format, FORMATS))
    if format in STUDY_FORMATS and number is not None:
        raise TunewrightError(
            f"{format} holds all trials",
            where="--trial",
            remedy=f"Leave --trial out, or use {', '.join(CONFIG_FORMATS)}.",
        )
    if format == "optuna" and output is None:
        raise TunewrightError("optuna is a file, not text", where="--format optuna", remedy="Say which: -o study.db.")


def _best(study: Study, trials: Sequence[Trial]) -> Trial:
    found = best(trials, study.spec.objective)
    if found is None:
        raise ExportError(
            f"study '{study.name}' has no completed trial ({len(trials)} in all)",
            remedy=f"Run 'tunewright run {study.name}', or name one with --trial.",
        )
    return found


def _study_text(store: Store, study: Study, trials: Sequence[Trial], format: str) -> str:
    if format == "csv":
        return as_csv(trials, study.spec.space)
    from agent.exports.report import html  # Jinja, and the forest behind the importances

    return html(store, study)


def _config_text(study: Study, trial: Trial, count: int, format: str) -> str:
    if format == "args":
        return as_args(trial, study.spec)
    write = {"toml": as_toml, "json": as_json, "yaml": as_yaml, "python": as_python}[format]
    return write(trial.params, provenance(study, trial, count))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def place(output: Path, write: Callable[[Path], None], *, force: bool) -> None:
    """Lets `write` fill a file in a folder of its own beside `output`, then puts it there whole.

    So a crash or a full disk leaves `output` as it was. Raises ExportError when it exists and not
    `force`, or cannot be written.
    """
    if output.exists() and not force:
        raise ExportError("the file exists", where=str(output), remedy="Choose another, or give --force.")
    try:
        with tempfile.TemporaryDirectory(dir=output.absolute().parent, prefix=f".{output.name}.") as folder:
            made = Path(folder) / "export"
            write(made)
            os.replace(made, output)
    except OSError as error:
        raise ExportError(
            f"cannot write the file ({error.strerror or error})",
            where=str(output),
            remedy="Choose a folder you can write.",
        ) from error
