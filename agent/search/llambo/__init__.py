"""LLAMBO: a language model starts the search, draws candidates and predicts what they reach.

Liu, Astorga, Seedat and van der Schaar (2024), "Large Language Models to Enhance Bayesian Optimization", ICLR,
arXiv:2402.03921. One proposal is one turn: candidates that should reach a target value (`sampling`), what the model
expects of each (`surrogate`), and the one that promises most (`acquisition`). Everything is read from the store and
from the model's answers; nothing is held between two turns.
"""
