"""Starts the script and passes its output on, byte for byte, while others look at it too."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from trainers.contract import Failure, FailureKind, TrialFailed
from trainers.processes import die_with_parent

TICK = 0.1  # seconds between looks at files and stop requests
_READ = 1 << 18
_DRAIN = 2.0  # seconds for what is still in the pipes when a child of the script keeps them open


class Script:
    """A running script. `on_output(fd, chunk)` sees what it prints, fd being 1 or 2, after it was
    passed on to our own; `on_tick()` is called about every 0.1 s."""

    def __init__(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        self._process = _start(argv, cwd, env)
        self._selector = selectors.DefaultSelector()
        for pipe, fd in ((self._process.stdout, 1), (self._process.stderr, 2)):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe.fileno(), selectors.EVENT_READ, fd)

    def run(self, on_output: Callable[[int, bytes], None], on_tick: Callable[[], None]) -> int:
        """Until it ends; returns its exit code, negative for a signal."""
        next_tick = 0.0
        while (code := self._process.poll()) is None:
            self._pump(on_output, TICK)
            if (now := time.monotonic()) >= next_tick:
                next_tick = now + TICK
                on_tick()
        until = time.monotonic() + _DRAIN
        while self._pump(on_output, 0.0) and time.monotonic() < until:
            pass
        self._close()
        return code

    def terminate(self) -> None:
        """Asks the script to end. Whoever watches over this process kills what does not."""
        self._process.terminate()

    def _pump(self, on_output: Callable[[int, bytes], None], timeout: float) -> bool:
        """Moves what can be read now; whether there was anything."""
        if not self._selector.get_map():  # it has closed both ends; wait for it to exit
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
            return False
        ready = self._selector.select(timeout)
        for key, _ in ready:
            if chunk := os.read(key.fd, _READ):
                _pass_on(key.data, chunk)
                on_output(key.data, chunk)
            else:
                self._selector.unregister(key.fd)
        return bool(ready)

    def _close(self) -> None:
        self._selector.close()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()


def _pass_on(fd: int, chunk: bytes) -> None:
    try:
        while chunk:
            chunk = chunk[os.write(fd, chunk) :]
    except OSError:
        pass  # nobody captures our output any more; the trial's reports still count


def _start(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """In our own process group. Raises TrialFailed (command_not_found)."""
    program = _find(argv[0], cwd, env)
    me = os.getpid()
    try:
        return subprocess.Popen(
            [program, *argv[1:]],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: die_with_parent(me),
        )
    except OSError as error:
        raise _not_started(program, error) from None


def _find(program: str, cwd: Path, env: Mapping[str, str]) -> str:
    """The file to run: on the PATH of `env`, or from `cwd` when it names a folder."""
    if not cwd.is_dir():
        raise _not_found(f"the folder to run in, {cwd}, does not exist", "Correct cwd, or make the folder.")
    if "/" not in program:
        found = shutil.which(program, path=env.get("PATH", os.defpath))
        if found is None:
            raise _not_found(f"'{program}' is not on the PATH", _other_name(program, cwd, env))
        return os.path.abspath(found)
    path = cwd / program
    if path.is_dir():
        raise _not_found(f"{path} is a folder", "Name a program, e.g. python, first.")
    if not path.exists():
        raise _not_found(f"{path} does not exist", "Correct the first word of the command.")
    if not os.access(path, os.X_OK):
        raise _not_found(f"{path} is not executable", f"Run chmod +x {path}, or put its interpreter first.")
    return str(path)


def _other_name(program: str, cwd: Path, env: Mapping[str, str]) -> str:
    if (cwd / program).is_file():
        return f"A file of that name is in {cwd}: write ./{program}."
    if program == "python" and shutil.which("python3", path=env.get("PATH", os.defpath)):
        return "There is a python3: write that, or activate the environment the script needs."
    return "Install it, or write its whole path."


def _not_started(program: str, error: OSError) -> TrialFailed:
    with contextlib.suppress(OSError, UnicodeDecodeError), open(program, encoding="utf-8") as file:
        first = file.readline(200).rstrip()
        if isinstance(error, FileNotFoundError) and first.startswith("#!"):
            return _not_found(f"the interpreter of {program}, {first}, does not exist", "Correct its first line.")
        if not first.startswith("#!"):
            return _not_found(
                f"{program} could not be started ({error.strerror})",
                "Begin it with a line such as #!/usr/bin/env python3, or put its interpreter first.",
            )
    return _not_found(f"{program} could not be started ({error.strerror})", "Try the command in a shell.")


def _not_found(what: str, remedy: str) -> TrialFailed:
    return TrialFailed(Failure(kind=FailureKind.COMMAND_NOT_FOUND, message=f"{what}. {remedy}"))
