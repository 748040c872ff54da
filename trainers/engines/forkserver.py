"""The warm process: imports done, GPU untouched, forks a supervisor for each run folder it reads.

`python -m trainers.engines.forkserver [TRAINER]` reads run folders, each ended by a NUL, from stdin,
and ends with it. What it has forked lives on. Without a trainer it imports nothing ahead.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import sys
import threading
import traceback
from pathlib import Path

from trainers import catalog


def warm_up(trainer: str) -> None:
    """Imports what the trainer preloads. What cannot be imported is left for the trial to fail on, with its reason."""
    with contextlib.suppress(Exception, SystemExit):
        for module in catalog.load(trainer).preload:
            importlib.import_module(module)
    if threading.active_count() > 1:  # a fork would inherit the locks such a thread holds, and wait for ever
        os.execv(sys.executable, [sys.executable, "-P", "-m", "trainers.engines.forkserver"])  # noqa: S606 (ourselves again)
    gc.collect()
    gc.freeze()  # what is here now stays shared between the forks


def serve() -> None:
    """Forks for each run folder until stdin ends."""
    waiting = b""
    while True:
        ready, _, _ = select.select([0], [], [], 1.0)
        _reap()
        if not ready:
            continue
        chunk = os.read(0, 1 << 16)
        if not chunk:
            return
        *run_dirs, waiting = (waiting + chunk).split(b"\0")
        for run_dir in run_dirs:
            _fork(Path(os.fsdecode(run_dir)))


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _fork(run_dir: Path) -> None:
    if os.fork():
        return
    os.setsid()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    code = 1
    try:
        from trainers.worker import work

        code = work(run_dir)
    except BaseException:  # noqa: BLE001 (a fault of ours: say so where the runner's log is, and never return to the loop)
        traceback.print_exc()
    finally:
        os._exit(code)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    import trainers.worker  # noqa: F401  (so that every fork has it)

    if sys.argv[1:]:
        warm_up(sys.argv[1])
    serve()


if __name__ == "__main__":
    main()
