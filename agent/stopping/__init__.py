"""Which trials are not worth their rest: rules over the study's curves. Pure: no store, no process, no clock.

A rule gives a verdict on one running trial, with its reason in words. It compares by the share of its planned steps
that a trial has behind it, where the plan is known (a schedule that decays over the trial's own length makes equal
steps of trials of different lengths incomparable), and by step where it is not. No rule stops the best so far, the
default config, or anything before `trials` have completed and a trial's `warmup` is over.
"""

from agent.stopping.judge import judge, promotions
from agent.stopping.run import Run, Verdict
from agent.stopping.transfer import estimate

__all__ = ["Run", "Verdict", "estimate", "judge", "promotions"]
