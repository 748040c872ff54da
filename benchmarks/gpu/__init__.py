"""Checks that need a GPU: each a script that prints a short table, and says so where there is none."""
