"""How far a trial has come, as a line of its log."""

from __future__ import annotations

from collections.abc import Mapping


def say(step: int, total: int, metrics: Mapping[str, float]) -> None:
    """Prints `step 300/1200  val_exact 0.91  val_loss 0.21`, at once. For a trial with a process to itself: what a pack
    prints stands in the log of each of its trials."""
    told = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())
    print(f"step {step}/{total}  {told}", flush=True)
