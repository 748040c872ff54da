"""How much a model is told of the task is the study's to say."""

from __future__ import annotations

import pytest

from agent.llm.seat import Seat
from agent.search.llambo.context import facts
from agent.settings.agent_words import changed
from agent.store.connection import open_store
from agent.study.agent_spec import AgentSpec
from agent.study.llambo_spec import CONTEXTS, LlamboSpec
from agent.study.study_file import parse_study
from tests.agent.stores import make_study
from trainers.errors import TunewrightError


@pytest.mark.parametrize("context", CONTEXTS)
def test_each_level_tells_more(tmp_path, context: str) -> None:
    with open_store(tmp_path / "store.sqlite") as store:
        agent = AgentSpec(about="Wines of three growers.")
        study = make_study(store, trainer="forest", task="svm-wine", agent=agent, llambo=LlamboSpec(context=context))
        told = facts(Seat(store, study, None))
    assert told["model"] == "a support vector machine with an RBF kernel (scikit-learn)"
    assert bool(told["data"]) == (context != "none")
    assert any("3 classes" in line for line in told["data"]) == (context != "none")
    assert told["description"] == ("Wines of three growers." if context == "full" else "")
    assert bool(told["about"]) == (context == "full")
    assert "wine" not in str(told).lower() or context == "full"


def test_a_script_tells_what_the_person_says(tmp_path) -> None:
    with open_store(tmp_path / "store.sqlite") as store:
        study = make_study(store, trainer="script", options={"command": ["python", "train.py"]})
        told = facts(Seat(store, study, None))
    assert told["model"] == "a model trained by a script" and told["data"] == ()
    assert told["command"] == "python train.py"


STUDY = """
[study]
name = "s"
trainer = "forest"
task = "svm-wine"
search = "llambo"
[llambo]
"""


def test_the_study_file_sets_it(tmp_path) -> None:
    spec = parse_study(STUDY + 'context = "none"\nalpha = -0.2\nsurrogate = "generative"\n', tmp_path / "study.toml")
    assert spec.llambo == LlamboSpec(context="none", alpha=-0.2, surrogate="generative")
    assert type(spec).from_dict(spec.to_dict()) == spec


@pytest.mark.parametrize("line", ["alpha = 3", 'surrogate = "gp"', "templates = 4", "calls = 1", "samplez = 3"])
def test_what_it_cannot_be_is_refused_with_its_key(tmp_path, line: str) -> None:
    with pytest.raises(TunewrightError) as caught:
        parse_study(STUDY + line + "\n", tmp_path / "study.toml")
    assert f"llambo.{line.split()[0]}" in str(caught.value)


def test_a_switch_that_is_set_off_is_off() -> None:
    on = AgentSpec(entropy=True)
    assert changed(on, {"entropy": "false"}).entropy is False and changed(on, {"entropy": "off"}).entropy is False
