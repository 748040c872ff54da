"""Runs a person's own training script as a trial."""

from trainers.script.trainer import ScriptTrainer

__all__ = ["ScriptTrainer"]
