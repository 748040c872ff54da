"""`python -m trainers.worker RUN_DIR`: runs the trial described there, to its end, or the pack whose first it is.

Needs only what its trainer needs, so that a bare GPU node can run it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from trainers import rundir
from trainers.pack import supervise_pack
from trainers.supervisor import Asked, claim, supervise


def work(run_dir: Path) -> int:
    """Supervises the run in a session of its own, unless another process has taken it. Returns the exit code."""
    if os.getsid(0) != os.getpid():
        try:
            os.setsid()
        except PermissionError:
            pass  # already leads a process group, as under a shell or Slurm: that is its own already
    asked = Asked()  # before the claim: who finds our pid in it may ask us to end
    if (run_dir / rundir.PACK).exists():
        return supervise_pack(run_dir, asked)
    return supervise(run_dir, asked) if claim(run_dir) else 0


def main(argv: list[str]) -> int:
    if len(argv) != 1 or not (Path(argv[0]) / rundir.CONFIG).is_file():
        print("usage: python -m trainers.worker RUN_DIR (a folder with a config.json)", file=sys.stderr)
        return 2
    return work(Path(argv[0]).absolute())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
