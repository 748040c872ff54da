"""Decides and converses: studies, the store, the runner, search, and the fronts."""
