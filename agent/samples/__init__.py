"""Samples of what a trial's model answered, as all fronts show them: read, chosen, compared with the truth."""

from agent.samples.chosen import Numbered, chosen, errors, tally
from agent.samples.differences import parted
from agent.samples.of_trial import of_trial, samples_of

__all__ = ["Numbered", "chosen", "errors", "of_trial", "parted", "samples_of", "tally"]
