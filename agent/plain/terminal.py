"""What the terminal can do; apart from the rest, so that opening the app imports nothing for it."""

from __future__ import annotations

import os
import sys


def app_possible() -> bool:
    """Whether stdin and stdout are a terminal that can do more than print lines, or a browser's window."""
    if "TEXTUAL_DRIVER" in os.environ:
        return True
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb")
