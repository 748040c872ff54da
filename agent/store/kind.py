"""Which SQLite files are ours: the store of a folder's studies, and others that are opened with the same care."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils.migrations import Migrations

from agent.store import schema


@dataclass(frozen=True)
class Kind:
    """`application_id` stands in the file's header. `noun` is what messages call it, `elsewhere` how a person names
    another one, in words that finish a sentence."""

    application_id: int
    migrations: Migrations
    noun: str
    elsewhere: str

    @property
    def another(self) -> str:
        """The same as a sentence."""
        return f"{self.elsewhere[:1].upper()}{self.elsewhere[1:]}."


STORE = Kind(schema.APPLICATION_ID, schema.migrations, "store", "give another --store")
