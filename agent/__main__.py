"""`python -m agent`, and the `tunewright` command."""

from __future__ import annotations

import sys

from agent.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
