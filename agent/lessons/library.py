"""The file of lessons: one a user, whichever folder a study lies in."""

from __future__ import annotations

import os
from pathlib import Path

from agent.lessons.schema import LESSONS
from agent.lessons.shipped import bring_up_to_date
from agent.store.connection import Store, open_store

VARIABLE = "TUNEWRIGHT_LESSONS"


def where() -> Path:
    """TUNEWRIGHT_LESSONS, or lessons.sqlite in the user's data folder."""
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("tunewright") / "lessons.sqlite"


def open_lessons() -> Store:
    """Opens the file, makes it where there is none, and sees to it that it holds what is shipped.

    Raises StoreError when it is damaged, from a newer version, no file of lessons, or cannot be written.
    """
    store = open_store(where(), kind=LESSONS)
    try:
        bring_up_to_date(store)
    except BaseException:  # whatever it is, the connection is not left open; it goes on to the caller
        store.close()
        raise
    return store
