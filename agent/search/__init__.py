"""Who can propose: classical optimisers, pure functions of a study's history and its seed."""
