"""Going on without a terminal: a headless run that outlives the front it was started from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from agent.study.policy import PolicyKind
from agent.study.spec import StudySpec


def goes_on_alone(spec: StudySpec) -> bool:
    """Whether the policy lets proposals run without anybody there to ask."""
    return spec.policy.kind in (PolicyKind.WATCH, PolicyKind.AUTO_UNTIL)


def carry_on(store_path: Path, study: str) -> None:
    """Starts `tunewright run STUDY` in a session of its own, so that neither a closed terminal nor the end of this
    process reaches it. It ends by itself when the study is finished, or waits for a person."""
    log = store_path.with_name(store_path.name + ".background.log")
    fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        subprocess.Popen(
            [sys.executable, "-m", "agent", "run", study, "--headless", "--store", str(store_path)],
            stdin=subprocess.DEVNULL,
            stdout=fd,
            stderr=fd,
            start_new_session=True,
        )
    finally:
        os.close(fd)
