"""The nouns of a tuning effort and their rules; pure, no I/O."""
