"""Configs that did well on other tasks, for a new study to begin with.

A portfolio is a lesson (agent.lessons): shipped ones were built from many data sets (benchmarks.portfolio), the
person's own from their finished studies. `suggested` puts those that fit in terms of a study's space, by the names,
kinds and ranges of its parameters.
"""

LENGTH = 5  # configs worth trying before a model takes over: as many as a study is given
