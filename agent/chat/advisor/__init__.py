"""The built-in advisor: answers from the store by rules, without any model."""

from agent.chat.advisor.advise import ABLE, advise

__all__ = ["ABLE", "advise"]
