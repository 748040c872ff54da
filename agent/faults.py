"""Faults of our own: their traceback goes to a log, the person gets a sentence."""

from __future__ import annotations

import sys
import traceback

from agent.redaction import redact


def keep(error: BaseException) -> str:
    """Adds the traceback to errors.log; returns the sentence that says where it is."""
    from platformdirs import user_log_path

    log = user_log_path("tunewright") / "errors.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(redact("".join(traceback.format_exception(error))))
    except OSError:
        print(redact("".join(traceback.format_exception(error))), file=sys.stderr)  # nowhere else to keep it
        return "This is a fault of ours; its traceback could not be kept in a file."
    return f"This is a fault of ours; the traceback is in {log}."
