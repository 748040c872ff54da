"""What a model may look up, and what it may ask a person for: one registry, a module a group."""
