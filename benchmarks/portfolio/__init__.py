"""Builds the portfolios that ship with Tunewright, and says what they are worth."""
