"""The process that runs trials: one a store, started on demand, re-attached to."""
