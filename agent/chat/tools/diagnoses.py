"""Reading what the rules, and the model before, made of a trial."""

from __future__ import annotations

from agent.chat.tools.base import Args, Tool, TrialNumber, within
from agent.diagnosis.of_trial import diagnosis_of
from agent.diagnosis.render import text
from agent.llm.seat import Seat
from agent.store import narratives, trials


class DiagnosisArgs(Args):
    trial: TrialNumber


def read_diagnosis(seat: Seat, args: DiagnosisArgs) -> str:
    """The verdict of the rules with its evidence, and the explanation where there is one."""
    trial = trials.get(seat.store, seat.study.id, args.trial)
    diagnosis = diagnosis_of(seat.store, seat.study, trial)
    narrative = narratives.get(seat.store, trial.id)
    return within(text(trial.number, diagnosis, trial.params, narrative).splitlines())


TOOLS = (
    Tool("diagnosis", "what the rules say happened to an ended trial, with evidence", DiagnosisArgs, read_diagnosis),
)
