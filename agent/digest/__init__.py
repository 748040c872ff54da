"""A study in bounded words, for the prompts of every purpose."""

from agent.digest.apart import digest_apart
from agent.digest.digest import Digest, digest

__all__ = ["Digest", "digest", "digest_apart"]
