"""Reads a training script without running it: its options, and which of them are worth tuning over which ranges."""
