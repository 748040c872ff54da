"""How the screens write what a config is weighed by."""

from __future__ import annotations

from agent.tui.ink.looks import word
from agent.tui.text import param, seconds
from agent.weighing.known import Wording

WORDING = Wording(param=param, span=seconds, word=word)
