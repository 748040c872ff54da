"""What a model reads out of a script: the shape, and that it becomes a study or is told why not."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path
from typing import Any

import pytest

from agent.guide.script_reply import ScriptReading, problems
from agent.llm.asking import Judged, ask
from agent.llm.call import Call
from agent.llm.models import Models
from prompts.render import render
from tests.agent.llm import steps
from tests.agent.search import growing
from tests.agent.search.llm.advising import desk

SCRIPT = Path(__file__).resolve().parents[3] / "examples" / "digits" / "train.py"
READ: dict[str, Any] = {
    "command": ["python", "train.py", "--lr", "{lr}", "--batch-size", "{batch_size}", "--opt", "{opt}"],
    "parameters": [
        {"name": "lr", "type": "float", "low": 1e-4, "high": 1, "log": True, "step": None, "choices": None, "default": 0.03, "when": "", "why": "The step."},
        {"name": "batch_size", "type": "categorical", "low": None, "high": None, "choices": [16, 32.0, 64], "default": 32, "why": ""},
        {"name": "hidden", "type": "int", "low": 16, "high": 256.0, "step": 16, "default": 64},
        {"name": "opt", "type": "categorical", "choices": ["sgd", "adam"], "default": "sgd"},
        {"name": "momentum", "type": "float", "low": 0, "high": 0.99, "default": 0, "when": "opt == 'sgd'"},
    ],
    "constraints": ["hidden >= batch_size"],
    "metrics": [
        {"name": "val_loss", "regex": r"val_loss=(\S+)", "step_regex": r"epoch (\d+)"},
        {"name": "train_loss", "regex": "", "step_regex": ""},
    ],
    "objective": {"metric": "val_loss", "direction": "minimize"},
    "notes": "It needs scikit-learn.",
}  # fmt: skip


def read(**changes: Any) -> ScriptReading:
    return ScriptReading.model_validate({**copy.deepcopy(READ), **changes})


def test_a_reading_becomes_a_space_metrics_and_an_objective() -> None:
    reading = read()
    assert problems(reading) == []
    space = reading.space()
    assert list(space.parameters) == ["lr", "batch_size", "hidden", "opt", "momentum"]
    assert space.parameters["batch_size"].to_dict() == {"type": "categorical", "choices": [16, 32, 64], "default": 32}
    assert space.parameters["hidden"].to_dict() == {"type": "int", "low": 16, "high": 256, "step": 16, "default": 64}
    assert space.parameters["momentum"].when is not None
    assert [c.text for c in space.constraints] == ["hidden >= batch_size"]
    assert reading.metric_table() == {"val_loss": {"regex": r"val_loss=(\S+)", "step_regex": r"epoch (\d+)"}}
    assert (reading.goal().metric, reading.goal().direction) == ("val_loss", "minimize")


def parameter(**keys: Any) -> list[dict[str, Any]]:
    return [{**READ["parameters"][0], **keys}]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"command": ["python", "train.py"], "parameters": parameter(low=0)}, "space.lr: log = true needs low above 0"),
        ({"command": ["p", "{rate}"]}, "command: {rate} in '{rate}' names no parameter"),
        ({"command": []}, "the command is empty"),
        ({"command": ["p"], "parameters": []}, "there is no parameter to tune"),
        (
            {"command": ["p"], "parameters": parameter(default=5), "constraints": []},
            "space.lr: its default does not fit",
        ),
        ({"command": ["p"], "parameters": parameter(low=None), "constraints": []}, "space.lr: 'low' is missing"),
        ({"command": ["p"], "parameters": parameter(type="real"), "constraints": []}, "type = 'real' is unknown"),
        (
            {"command": ["p"], "parameters": parameter(when="opt =="), "constraints": []},
            "space.lr.when: 'opt ==' is not an expression",
        ),
        (
            {"command": ["p"], "parameters": parameter(type="int", low=0.5, log=False), "constraints": []},
            "low = 0.5 is not a whole number",
        ),
        ({"constraints": ["width < 3"]}, "names 'width', which is no parameter"),
        ({"metrics": [{"name": "val_loss", "regex": "val_loss="}]}, "metrics.val_loss.regex"),
        ({"objective": {"metric": "test_acc"}}, "'test_acc' is not among its metrics"),
        ({"objective": {"metric": "val_loss", "direction": "down"}}, "direction = 'down' is unknown"),
    ],
)
def test_what_keeps_it_from_being_a_study_is_told(changes: dict[str, Any], told: str) -> None:
    assert any(told in problem for problem in problems(read(**changes)))


def test_a_model_is_shown_the_script_and_its_mistake(tmp_path: Path) -> None:
    """The template and the shape through the real client, one repair included."""
    context = {"path": "train.py", "script": SCRIPT.read_text(), "help": "", "output": "", "wish": ""}
    rendered = render("read_script", context)
    call = Call(purpose="read_script", messages=rendered.messages, template=rendered.template)

    def judge(reading: ScriptReading, _: object) -> Judged[ScriptReading]:
        found = problems(reading)
        return Judged(None, found) if found else Judged(reading)

    async def once(one: Any) -> ScriptReading:
        models = Models()
        try:
            return await ask(await models.of(one.store, one.study), call, ScriptReading, judge)
        finally:
            await models.close()

    with desk(tmp_path, growing.mixed()) as one:
        one.endpoint.play(steps.reply({**READ, "command": ["python", "{rate}"]}), steps.reply(READ))
        reading = asyncio.run(once(one))
        assert reading.space() == read().space()
        first, second = one.endpoint.requests
        assert "def main" in first.prompt or "import" in first.prompt
        assert "command: {rate} in '{rate}' names no parameter" in second.messages[-1]["content"]
