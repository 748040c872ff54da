"""Time series and what is to be said of them: made by known processes, described by rules, kept as JSON lines."""
