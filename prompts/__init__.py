"""Jinja templates, one for each thing the agent asks of a model."""
