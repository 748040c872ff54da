"""What the agent asks of a model: one Jinja template a purpose, each in a file of its own."""
