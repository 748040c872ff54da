"""The process in which several trials train as one, forked by their supervisor."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from trainers import catalog
from trainers.child import flush, peak_device_bytes, plain, print_error, settle_in
from trainers.context import WorkerContext
from trainers.contract import PackingTrainer, RunConfig, TrialFailed
from trainers.failures import from_exception

Run = tuple[Path, RunConfig, float]  # its folder, its config, its deadline on the monotonic clock


def run_pack(runs: Sequence[Run], result_fd: int) -> None:
    """Trains all of them and tells of each as it ends to `result_fd`, a line of JSON each. Never returns.

    A line is what `trainers.child` tells of a trial, with its `place`; None for what went wrong with all.
    """
    code = 1
    try:
        code = 0 if _run(runs, result_fd) else 1
        flush()
    finally:
        os._exit(code)


def _run(runs: Sequence[Run], result_fd: int) -> bool:
    left: dict[int, WorkerContext] = {}
    try:
        settle_in(runs[0][0], runs[0][1])
        left = {place: WorkerContext(*run) for place, run in enumerate(runs)}
        signal.signal(signal.SIGTERM, lambda *_: _ask_to_stop(left.values()))
        trainer = catalog.load(runs[0][1].trainer)
        if not isinstance(trainer, PackingTrainer):
            raise TypeError(f"'{trainer.name}' cannot train several configs as one")
        configs, ctxs = [config.params for _, config, _ in runs], list(left.values())
        for place, error in trainer.run_many(configs, ctxs):
            _tell(result_fd, place, error, left.pop(place))
    except BaseException as error:  # noqa: BLE001 (the boundary: whatever it is, the trials that are left are run again)
        _tell_all(result_fd, error)
        return False
    finally:
        for ctx in left.values():
            ctx.close()
    return not left


def _ask_to_stop(ctxs: Iterable[WorkerContext]) -> None:
    for ctx in ctxs:
        ctx.ask_to_stop()


def _tell(fd: int, place: int, error: BaseException | None, ctx: WorkerContext) -> None:
    failure = None if error is None else _failure(error)
    _write(
        fd,
        {
            "place": place,
            "failure": failure,
            "peak_device_bytes": peak_device_bytes(),
            "ended_early": ctx.noticed,
            "cut_short": ctx.cut_short,
            "unwritten": ctx.close().decode("ascii"),
        },
    )


def _tell_all(fd: int, error: BaseException) -> None:
    _write(fd, {"place": None, "failure": _failure(error)})


def _failure(error: BaseException) -> dict[str, Any]:
    failure = plain(from_exception(error))
    if failure["traceback"] and not isinstance(error, TrialFailed):
        print_error(failure["traceback"])
    return failure


def _write(fd: int, line: dict[str, Any]) -> None:
    data = json.dumps(line).encode() + b"\n"
    while data:
        data = data[os.write(fd, data) :]
