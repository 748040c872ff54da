"""The guide of the first run: what it knows, its rows and words, what a person changes."""
