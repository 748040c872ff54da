"""Runs one trial. Knows nothing of studies, stores or agents."""
