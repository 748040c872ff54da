"""The space editor: its table, what a change means, its errands."""
