"""Citations in what the agent says: `[t17]`, `[t17 log:412]`, `[t17 val_loss@300]`."""

from __future__ import annotations

from agent.diagnosis.citations import Citation, checked, find, pieces, settled

__all__ = ["Citation", "checked", "find", "pieces", "settled"]
