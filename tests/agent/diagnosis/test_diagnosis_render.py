"""What `why` prints and what `why --json` holds."""

from __future__ import annotations

import json

from agent.diagnosis import render
from agent.diagnosis.judge import diagnose
from agent.study.nouns import Diagnosis, Evidence
from tests.agent.diagnosis.builders import PARAMS, failed, record
from trainers.contract import Objective

LOSS = Objective("train_loss")
DIVERGED = diagnose(record({"train_loss": [0.5 * 1.6**i for i in range(20)]}, objective=LOSS))


def test_text_has_verdict_markers_and_the_change() -> None:
    text = render.text(7, DIVERGED, PARAMS)
    assert text.startswith("trial 7: diverged (confidence ")
    assert "[train_loss@19]" in text
    assert "lr  0.01 → 0.001" in text
    assert "\x1b" not in text


def test_log_lines_and_trials_are_marked() -> None:
    assert render.marker(Evidence(kind="log", text="x", line=412)) == "[log:412]"
    assert render.marker(Evidence(kind="trial", text="x", trial=17)) == "[t17]"
    assert render.marker(Evidence(kind="resource", text="x")) == "[resource]"


def test_document_is_the_one_scripts_rely_on() -> None:
    document = json.loads(json.dumps(render.document(7, DIVERGED), allow_nan=False))
    asked = {"trial", "verdict", "confidence", "explanation", "evidence", "suggestion", "healthy", "narrative"}
    assert document.keys() == asked and document["narrative"] is None
    assert document["trial"] == 7 and document["healthy"] is False
    assert document["suggestion"]["params"]["lr"] == 0.001
    assert document["evidence"][0].keys() == {"kind", "metric", "step", "text"}


def test_advice_in_words_has_no_params() -> None:
    diagnosis = diagnose(failed("ModuleNotFoundError: No module named 'torchvision'"))
    document = render.document(1, diagnosis)
    assert document["evidence"] == [
        {"kind": "log", "line": 1, "text": "ModuleNotFoundError: No module named 'torchvision'"}
    ]
    assert document["suggestion"]["params"] is None
    assert "torchvision" in document["suggestion"]["reason"]
    assert "Install torchvision" in render.text(1, diagnosis, PARAMS)


def test_nothing_to_suggest_is_null() -> None:
    fine = Diagnosis(verdict="healthy", healthy=True, confidence=0.9, explanation="No fault was found.")
    assert render.document(0, fine)["suggestion"] is None
    assert "suggestion" not in render.text(0, fine, PARAMS)
