"""A study in bounded words, for the prompts of every purpose."""

from agent.digest.digest import Digest, digest

__all__ = ["Digest", "digest"]
