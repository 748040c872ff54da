"""An explanation keeps only claims whose evidence exists, and suggests only what fits; without a model the rules'."""

from __future__ import annotations

from typing import Any

import pytest

from agent.diagnosis.brief import brief
from agent.diagnosis.explain import explain
from agent.diagnosis.of_trial import diagnosis_of
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.seat import Seat
from agent.store import calls, narratives, studies, trials
from agent.store.connection import Store
from agent.study.nouns import Narrative, Trial, TrialState
from prompts.render import render
from tests.agent.chat.conftest import INJECTION, spoken
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Endpoint
from tests.agent.stores import add_trial
from trainers.errors import TunewrightError

TRUE = {"text": "The script refused its rate.", "evidence": [{"line": 3}, {"trial": 2}]}
OTHER = {"text": "t0, at a smaller one, ran to its end.", "evidence": [{"trial": 0, "metric": "loss", "step": 5}]}


def reply(*claims: Any, **rest: Any) -> dict[str, Any]:
    return {"claims": list(claims), "change": None, "because": "", "check_next": "", **rest}


def trial(seat: Seat, number: int = 2) -> Trial:
    return trials.get(seat.store, seat.study.id, number)


def stored(seat: Seat, number: int = 2) -> Narrative:
    found = narratives.get(seat.store, trial(seat, number).id)
    assert found is not None
    return found


class TestWithoutAModel:
    async def test_the_rules_tell_it(self, seat: Seat) -> None:
        made = await explain(seat, trial=2)
        found = stored(seat)
        assert made == {"text": found.text, "dropped": 0, "note": ""}
        assert (found.model, found.dropped) == ("", 0)
        assert "lr is too high. [t2 log:3]" in found.text
        assert "It goes so where lr ≥ " in found.text  # what sets the failed ones apart was found
        assert "The nearest trial that did better, [t" in found.text

    async def test_a_sound_trial(self, seat: Seat) -> None:
        assert "No fault was found." in (await explain(seat, trial=0))["text"]

    async def test_one_that_has_not_ended(self, seat: Seat) -> None:
        number = add_trial(seat.store, seat.study, {"lr": 0.013, "n": 1}, TrialState.RUNNING)
        with pytest.raises(TunewrightError, match="running"):
            await explain(seat, trial=number)

    async def test_one_that_there_is_not(self, seat: Seat) -> None:
        with pytest.raises(TunewrightError, match="there is no trial 99"):
            await explain(seat, trial=99)


class TestWithAModel:
    async def test_claims_that_point_at_something_are_kept(self, store: Store, endpoint: Endpoint) -> None:
        endpoint.play(steps.reply(reply(TRUE, OTHER, check_next="Does lr = 0.05 run?")))
        seat = await spoken(store, endpoint)
        await explain(seat, trial=2)
        found = stored(seat)
        assert found.text.splitlines() == [
            "The script refused its rate. [t2 log:3]",
            "t0, at a smaller one, ran to its end. [t0 loss@5]",
            "To check next: Does lr = 0.05 run?",
        ]
        assert (found.model, found.dropped) == (endpoint.url, 0)
        line, config = found.claims[0].evidence
        assert (line.kind, line.line, line.text) == ("log", 3, "lr is too high")
        assert (config.kind, config.trial) == ("config", None)
        [point] = found.claims[1].evidence
        assert (point.trial, point.metric, point.step) == (0, "loss", 5) and point.text.startswith("loss = ")
        [call] = calls.all_of(store, seat.study.id)
        assert (call.id, call.purpose) == (found.call_id, "explain") and call.template.startswith("explain@1:")

    @pytest.mark.parametrize(
        "evidence",
        [
            [{"line": 4}],
            [{"line": 0}],
            [{"trial": 99}],
            [{"metric": "loss", "step": 5}],  # t2 reported nothing
            [{"trial": 0, "metric": "loss", "step": 6}],
            [{"trial": 0, "metric": "val_loss", "step": 5}],
            [{"trial": 0, "metric": "loss"}],
            [{"line": 3}, {"line": 44}],
            [],
        ],
    )
    async def test_a_claim_that_points_at_nothing_is_dropped_and_counted(
        self, store: Store, endpoint: Endpoint, evidence: list[Any]
    ) -> None:
        endpoint.play(steps.reply(reply(TRUE, {"text": "And aliens did it.", "evidence": evidence})))
        seat = await spoken(store, endpoint)
        assert (await explain(seat, trial=2))["dropped"] == 1
        assert [c.text for c in stored(seat).claims] == ["The script refused its rate."]
        assert "aliens" not in stored(seat).text

    async def test_so_is_one_that_cites_nothing_in_its_words(self, store: Store, endpoint: Endpoint) -> None:
        endpoint.play(steps.reply(reply(TRUE, {"text": "It is as in [t99].", "evidence": [{"line": 3}]})))
        seat = await spoken(store, endpoint)
        assert (await explain(seat, trial=2))["dropped"] == 1

    async def test_a_change_is_snapped_and_completed(self, store: Store, endpoint: Endpoint) -> None:
        endpoint.play(steps.reply(reply(TRUE, change={"lr": 0.02, "n": 3.4, "wd": 1}, because="It ran there.")))
        seat = await spoken(store, endpoint)
        await explain(seat, trial=2)
        assert stored(seat).suggested_params == {"lr": 0.02, "n": 3}
        assert stored(seat).suggested_reason == "It ran there."

    @pytest.mark.parametrize("change", [{"lr": "less"}, {"wd": 1}, {"lr": None}, {}])
    async def test_a_change_that_is_none_is_left_out(
        self, store: Store, endpoint: Endpoint, change: dict[str, Any]
    ) -> None:
        endpoint.play(steps.reply(reply(TRUE, change=change, because="Because.")))
        seat = await spoken(store, endpoint)
        await explain(seat, trial=2)
        assert (stored(seat).suggested_params, stored(seat).suggested_reason) == (None, "")

    async def test_a_change_to_what_was_tried_is_left_out(self, store: Store, endpoint: Endpoint) -> None:
        seat = await spoken(store, endpoint)
        endpoint.play(steps.reply(reply(TRUE, change=trial(seat, 0).params, because="As t0.")))
        await explain(seat, trial=2)
        assert stored(seat).suggested_params is None

    async def test_a_change_that_breaks_a_constraint_is_left_out(self, store: Store, endpoint: Endpoint) -> None:
        with store.transaction() as conn:
            conn.execute("UPDATE study SET spec = json_set(spec, '$.space.constraints', json('[\"n > 2\"]'))")
        endpoint.play(steps.reply(reply(TRUE, change={"n": 1}, because="Fewer.")))
        seat = await spoken(store, endpoint)
        await explain(seat, trial=2)
        assert stored(seat).suggested_params is None

    async def test_of_a_reply_that_breaks_off_the_whole_claims_are_kept(self, store: Store, endpoint: Endpoint) -> None:
        endpoint.play(steps.truncated(reply(TRUE, OTHER, check_next="x" * 200), 0.55))
        seat = await spoken(store, endpoint)
        await explain(seat, trial=2)
        assert [c.text for c in stored(seat).claims][:1] == ["The script refused its rate."]
        assert len(endpoint.requests) == 1

    async def test_one_repair_round(self, store: Store, endpoint: Endpoint) -> None:
        nothing = {"text": "Aliens.", "evidence": [{"line": 44}]}
        endpoint.play(steps.reply(reply(nothing)), steps.reply(reply(TRUE)))
        seat = await spoken(store, endpoint)
        made = await explain(seat, trial=2)
        assert stored(seat).claims[0].text == "The script refused its rate." and made["dropped"] == 1
        assert "no claim cites a step, a log line or a trial that exists" in endpoint.requests[-1].prompt
        assert "Aliens" in endpoint.requests[-1].prompt

    @pytest.mark.parametrize(
        "step",
        [steps.say("I would rather not."), steps.truncated(reply(TRUE), 0.2), steps.reply({"claims": "none"})],
    )
    async def test_after_that_the_rules_speak_and_say_so(
        self, store: Store, endpoint: Endpoint, step: steps.Step
    ) -> None:
        endpoint.play(step)
        seat = await spoken(store, endpoint)
        made = await explain(seat, trial=2)
        assert made["note"].startswith(f"{endpoint.url} gave no explanation that could be used")
        assert stored(seat).text.startswith(made["note"]) and "lr is too high" in stored(seat).text
        assert stored(seat).model == ""

    async def test_a_model_that_cannot_be_asked_stores_nothing(self, store: Store, endpoint: Endpoint) -> None:
        endpoint.play(steps.status(401, "Incorrect API key provided"))
        seat = await spoken(store, endpoint)
        with pytest.raises(LLMError) as caught:
            await explain(seat, trial=2)
        assert caught.value.kind is LLMErrorKind.AUTH
        assert narratives.get(store, trial(seat).id) is None

    @pytest.mark.parametrize("language", ["Russian", "Chinese", "Japanese"])
    async def test_the_language_is_asked_for_and_kept(self, store: Store, endpoint: Endpoint, language: str) -> None:
        text = {"Russian": "Слишком большой шаг.", "Chinese": "学习率太高。", "Japanese": "学習率が高すぎます。"}[
            language
        ]
        endpoint.play(steps.reply(reply({"text": text, "evidence": [{"line": 3}]})))
        seat = await spoken(store, endpoint, language=language)
        await explain(seat, trial=2)
        assert stored(seat).text == f"{text} [t2 log:3]"
        assert f"in {language}" in endpoint.requests[0].prompt


class TestTheBrief:
    def rendered(self, seat: Seat, number: int = 2) -> str:
        found = trial(seat, number)
        context = brief(seat.store, seat.study, found, diagnosis_of(seat.store, seat.study, found))
        return "\n".join(m["content"] for m in render("explain", context).messages)

    def test_holds_what_an_expert_would_ask_for(self, seat: Seat) -> None:
        prompt = self.rendered(seat)
        best = min(
            (t for t in trials.all_trials(seat.store, seat.study.id) if t.value is not None), key=lambda t: t.value or 0
        )
        assert f"parameter | t2 | best t{best.number}" in prompt
        assert "lr | 0.05" in prompt
        assert "Failure: nonzero exit, code 1." in prompt
        assert "nonzero exit (confidence 70%)" in prompt
        assert "3: lr is too high" in prompt
        assert "Minimise loss (lower is better)" in prompt
        assert "The trials nearest to it" in prompt

    def test_a_curve_with_figures_at_key_steps(self, seat: Seat) -> None:
        prompt = self.rendered(seat, 0)
        assert "- loss 1.0" in prompt and "(6 reports)" in prompt
        assert all(f"@{step}" in prompt.split("  loss: ")[1].splitlines()[0] for step in range(6))

    def test_a_loss_beside_a_score_is_better_when_smaller(self, seat: Seat) -> None:
        with seat.store.transaction() as conn:
            conn.execute("UPDATE study SET spec = json_set(spec, '$.objective.direction', 'maximize')")
            conn.execute("UPDATE metric SET name = 'acc' WHERE name = 'loss'")
            conn.execute("UPDATE study SET spec = json_set(spec, '$.objective.metric', 'acc')")
        study = studies.get(seat.store, "quick")
        number = add_trial(seat.store, study, {"lr": 0.013, "n": 1}, value=0.5, reports=[0.1, 0.5, 0.4])
        with seat.store.transaction() as conn:
            conn.execute("INSERT INTO metric (name) VALUES ('train_loss')")
            for step, value in enumerate([3.0, 1.0, 2.0]):
                conn.execute(
                    "INSERT INTO point (attempt_id, metric_id, step, value, at) SELECT max(attempt.id),"
                    " (SELECT id FROM metric WHERE name = 'train_loss'), ?, ?, 0 FROM attempt",
                    (step, value),
                )
        prompt = self.rendered(Seat(seat.store, study, None), number)
        assert "train_loss 3 at 0, best 1 at 1, last 2 at 2" in prompt
        assert "acc 0.1 at 0, best 0.5 at 1, last 0.4 at 2" in prompt

    def test_what_the_log_says_is_data(self, seat: Seat) -> None:
        prompt = self.rendered(seat)
        assert INJECTION not in prompt and "ignore your instructions" in prompt
        inside = prompt.split('<data source="log.txt of t2">')[1].split("</data>")[0]
        assert "ignore your instructions" in inside

    def test_is_bounded_however_long_the_log(self, seat: Seat) -> None:
        plain = len(self.rendered(seat))
        path = next((seat.store.folder / "runs").rglob("2/log.txt"))
        path.write_text("".join(f"line {i} {'x' * 500}\n" for i in range(20_000)))
        assert len(self.rendered(seat)) < plain + 7_000

    def test_held_out_metrics_are_not_shown(self, seat: Seat) -> None:
        study = studies.get(seat.store, "quick")
        number = add_trial(seat.store, study, {"lr": 0.013, "n": 1}, value=1.0, reports=[1.0, 0.9])
        with seat.store.transaction() as conn:
            conn.execute("INSERT INTO metric (name) VALUES ('test_loss')")
            conn.execute(
                "INSERT INTO point (attempt_id, metric_id, step, value, at) SELECT max(attempt.id),"
                " (SELECT id FROM metric WHERE name = 'test_loss'), 0, 0.123456, 0 FROM attempt"
            )
        prompt = self.rendered(seat, number)
        assert "test_loss" not in prompt and "0.12346" not in prompt
