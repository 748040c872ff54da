"""The prompts of questions and explanations, beside those kept in snapshots/.

`TUNEWRIGHT_SNAPSHOTS=write pytest tests/prompts/test_chat_prompts.py` writes them anew; read them as the model will.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.chat import conversation
from agent.chat.conversation import Conversation
from agent.diagnosis.brief import brief
from agent.diagnosis.of_trial import diagnosis_of
from agent.llm.seat import Seat
from agent.store import actions, trials
from agent.store.connection import Store, open_store
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import ActionKind, Turn
from prompts.render import render
from tests.prompts import studies
from tests.prompts.test_prompts import FOLDER, LESSONS, text_of

SAID = (
    Turn(id=1, study_id=1, at=0.0, role="person", text="Which parameter should I look at first?"),
    Turn(id=2, study_id=1, at=1.0, role="agent", text="The rate: all the good trials lie below .05 [t3]."),
)
NAMES = ("answer", "answer-native-in-Japanese", "explain-a-failure", "explain-a-sound-trial")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(conversation, "taught", lambda study: list(LESSONS))  # those shipped may change
    with open_store(tmp_path / "store.sqlite") as opened:
        yield opened


async def made(name: str, store: Store) -> str:
    native = "native" in name
    agent = AgentSpec(model="scripted", language="Japanese" if native else "")
    study = studies.make(store, "failing", 20, agent=agent)
    if name.startswith("answer"):
        actions.ask(store, study.id, ActionKind.STOP_TRIAL, {"trial": 3}, "it does not learn")
        talk = await Conversation.begin(Seat(store, study, None), "Why did the last two fail?", SAID, native=native)
        return "\n\n".join(f"==== {m['role']} ====\n{m['content']}" for m in talk.messages) + "\n"
    every = trials.all_trials(store, study.id)
    trial = next(t for t in every if (t.failure is not None) == ("failure" in name) and t.number > 2)
    log = store.folder / trials.attempts(store, trial.id)[-1]["run_dir"] / "log.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(f"epoch {i} loss {2.3 / (i + 1):.4f}\n" for i in range(60)) + "RuntimeError: loss is nan\n")
    context = brief(store, study, trial, diagnosis_of(store, study, trial), LESSONS)
    return text_of(render("explain", context, language=agent.language))


@pytest.mark.parametrize("name", NAMES)
async def test_the_prompt_reads_as_kept(name: str, store: Store) -> None:
    text = await made(name, store)
    path = FOLDER / f"{name}.txt"
    if os.environ.get("TUNEWRIGHT_SNAPSHOTS") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
async def test_a_prompt_is_well_formed(name: str, store: Store) -> None:
    text = await made(name, store)
    ours = re.sub(r'<data source="[^"]*">\n.*?\n</data>', "DATA", text, flags=re.DOTALL)
    assert "\n\n\n" not in ours  # no holes where a section is missing
    assert not re.search(r"[ \t]\n", text) and "{{" not in text and "{%" not in text
    assert text.count("<data source=") == text.count("</data>")  # the rules name the one and the other once
    for heading in re.findall(r"^#.*$", text, flags=re.M):
        assert text.count(f"\n{heading}\n") == 1
