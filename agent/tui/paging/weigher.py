"""Importances for a screen: worked out in a process of its own, asked for without waiting."""

from __future__ import annotations

from pathlib import Path

from agent.helper import Helper
from agent.importance.service import weights_from_dict
from agent.tui.sights.bars import Known

_DIED = "Importances could not be worked out: the process that does it has ended. 'tunewright doctor' may say why."


class Weigher:
    """`known` is the newest answer; it stays while the next one is worked out."""

    def __init__(self) -> None:
        self._helper: Helper | None = None
        self._asked = 0
        self.known = Known(pending=True)

    @property
    def busy(self) -> bool:
        return self._helper is not None and self.known.pending

    def ask(self, store: Path, study_id: int) -> None:
        """Of the study as its store has it now. One question at a time."""
        if self._helper is None:
            self._helper = Helper("agent.importance.service", [str(store)])
        self._helper.start()
        self._asked += 1
        self.known = Known(self.known.weights, self.known.texts, self.known.usable, pending=True)
        self._helper.send({"id": self._asked, "study": study_id})

    def take(self) -> bool:
        """Whether an answer, or the end of the process, has changed what is known."""
        if self._helper is None or not self.known.pending:
            return False
        self._helper.push()
        for answer in self._helper.receive():
            if answer["id"] == self._asked:
                self.known = Known(weights_from_dict(answer["weights"]), answer["effects"], answer["usable"])
                return True
        if self._helper.alive:
            return False
        self.known = Known(fault=_DIED)
        return True

    def close(self) -> None:
        """Ends the process."""
        if self._helper is not None:
            self._helper.close()
        self._helper = None
