"""What this machine has for tuning, and what stands in the way."""

from agent.doctor.checkup import checkup
from agent.doctor.problem import Problem

__all__ = ["Problem", "checkup"]
