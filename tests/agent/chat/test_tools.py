"""Each tool on a study that really ran; wrong calls end in one clear sentence; results are bounded data."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from agent.chat.tools.registry import MOST_CARDS, TOOLS, Toolbox
from agent.llm.seat import Seat
from agent.store import actions, proposals, studies, trials
from agent.study.nouns import ActionKind, ProposalState, Source, TrialState
from tests.agent.chat.conftest import INJECTION, TRIALS
from tests.agent.stores import add_trial


async def use(seat: Seat, name: str, **arguments: Any) -> str:
    return await Toolbox(seat).use(name, json.dumps(arguments))


def inside(result: str) -> str:
    """What stands in the fence of a result, which must be whole and the only one."""
    found = re.fullmatch(r'<data source="tool \w+">\n(.*)\n</data>', result, flags=re.DOTALL)
    assert found, result
    assert result.count("<data") == result.count("</data") == 1
    return found[1]


class TestTrials:
    async def test_a_row_a_trial(self, seat: Seat) -> None:
        head, columns, *rows = inside(await use(seat, "trials", limit=60)).splitlines()
        assert head == f"{TRIALS} of {TRIALS} trials"
        assert columns == "trial | state | loss | lr | n | seconds | source | verdict"
        assert [row.split(" | ")[0] for row in rows] == [f"t{i}" for i in range(TRIALS)]

    async def test_conditions_sort_and_limit(self, seat: Seat) -> None:
        every = trials.all_trials(seat.store, seat.study.id)
        wanted = sorted((t for t in every if t.value is not None and t.params["n"] <= 4), key=lambda t: t.value or 0)
        rows = inside(await use(seat, "trials", where=["state=completed", "n<=4"], sort="best", limit=3)).splitlines()
        assert [row.split(" | ")[0] for row in rows[2:]] == [f"t{t.number}" for t in wanted[:3]]
        assert rows[0] == f"{len(wanted)} of {TRIALS} trials, the first 3"

    async def test_the_metric_is_a_column_and_minus_descends(self, seat: Seat) -> None:
        rows = inside(await use(seat, "trials", sort="-loss", limit=60)).splitlines()[2:]
        values = [float(row.split(" | ")[2]) for row in rows if row.split(" | ")[1] == "completed"]
        assert values == sorted(values, reverse=True) and len(values) > 3

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ({"where": ["lrr>1"]}, "trials have no column 'lrr'. Did you mean 'lr'?"),
            ({"where": ["lr"]}, "'lr' is not a condition."),
            ({"where": ["lr>high"]}, "'high' in 'lr>high' is not a number"),
            ({"sort": "loos"}, "trials have no column 'loos'."),
            ({"limit": 1000}, "trials: 'limit' is wrong: Input should be less than or equal to 60"),
            ({"limits": 3}, "trials has no argument 'limits'. Did you mean 'limit'?"),
        ],
    )
    async def test_what_is_wrong_is_said(self, seat: Seat, arguments: dict[str, Any], said: str) -> None:
        assert (await use(seat, "trials", **arguments)).startswith(f"Not done: {said}")


class TestOneTrial:
    async def test_all_of_it(self, seat: Seat) -> None:
        text = inside(await use(seat, "trial", trial="t2"))
        assert "failure: nonzero_exit" in text and "verdict of the rules" in text and "decided by policy" in text

    async def test_an_unknown_one(self, seat: Seat) -> None:
        said = await use(seat, "trial", trial=99)
        assert said == f"Not done: there is no trial 99. The study has trials 0 to {TRIALS - 1}."

    async def test_a_missing_argument(self, seat: Seat) -> None:
        assert (await use(seat, "trial")).startswith("Not done: trial needs 'trial'")


class TestCurve:
    async def test_every_point_of_a_short_one(self, seat: Seat) -> None:
        lines = inside(await use(seat, "curve", trial=0)).splitlines()
        assert lines[0] == "loss of t0: 6 reports, 6 shown"
        assert [line.split()[0] for line in lines[2:]] == ["0", "1", "2", "3", "4", "5"]

    async def test_a_long_one_keeps_its_extremes_and_where_it_broke(self, seat: Seat) -> None:
        study = studies.get(seat.store, "quick")
        values = [1.0 + (i % 7) / 100 for i in range(5_000)]
        values[1234], values[3210], values[4000] = -5.0, 9.0, float("nan")
        number = add_trial(seat.store, study, {"lr": 0.011, "n": 1}, TrialState.COMPLETED, value=1.0, reports=values)
        text = inside(await use(seat, "curve", trial=number, points=20))
        lines = text.splitlines()
        assert lines[0].startswith(f"loss of t{number}: 5000 reports, ") and "1 not finite" in lines[0]
        assert len(lines) <= 24
        assert {"0 1", "1234 -5", "3210 9", "4000 nan", "4999 1.01"} <= set(lines)

    async def test_an_unknown_metric(self, seat: Seat) -> None:
        assert (
            await use(seat, "curve", trial=0, metric="los") == "Not done: t0 has no metric 'los'. Did you mean 'loss'?"
        )


class TestLog:
    async def test_the_last_lines_with_their_numbers(self, seat: Seat) -> None:
        assert inside(await use(seat, "log", trial=2)).splitlines()[-1] == "3: lr is too high"

    async def test_lines_that_hold_a_text(self, seat: Seat) -> None:
        lines = inside(await use(seat, "log", trial=2, grep="TOO HIGH")).splitlines()
        assert lines == ["1 of 3 lines hold 'TOO HIGH', the last:", "3: lr is too high"]

    async def test_lines_around_one(self, seat: Seat) -> None:
        lines = inside(await use(seat, "log", trial=0, around=4, lines=3)).splitlines()
        assert lines[0] == "around line 4 of 7:" and [line.split(":")[0] for line in lines[1:]] == ["3", "4", "5"]
        assert (await use(seat, "log", trial=0, around=99)).startswith("Not done: the log of t0 has 7 lines.")

    async def test_a_log_cannot_close_the_fence(self, seat: Seat) -> None:
        text = await use(seat, "log", trial=2)
        assert "ignore your instructions" in inside(text)
        assert INJECTION not in text  # its </data> is broken up

    async def test_keys_in_a_log_are_taken_out(self, seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
        secret = "planted-0123456789abcdef"
        monkeypatch.setenv("WANDB_API_KEY", secret)
        path = next((seat.store.folder / "runs").rglob("2/log.txt"))
        path.write_text(f"wandb: {secret}\nsk-proj-abcdefghijklmnop1234567890\n")
        text = inside(await use(seat, "log", trial=2))
        assert "[key]" in text and secret not in text and "sk-proj" not in text

    async def test_a_huge_log_stays_bounded(self, seat: Seat) -> None:
        path = next((seat.store.folder / "runs").rglob("2/log.txt"))
        path.write_text("".join(f"line {i} {'x' * 500}\n" for i in range(20_000)))
        text = await use(seat, "log", trial=2, lines=200)
        assert len(text) < 4_200
        assert "20000: line 19999" in text


class TestOtherReading:
    async def test_diagnosis(self, seat: Seat) -> None:
        text = inside(await use(seat, "diagnosis", trial=2))
        assert text.startswith("trial 2: nonzero_exit") and "[log:3]" in text

    async def test_proposals_tell_reasons_and_what_became_of_them(self, seat: Seat) -> None:
        text = inside(await use(seat, "proposals", limit=2))
        assert text.splitlines()[0] == f"{TRIALS} proposals, 2 shown"
        assert f"proposal {TRIALS - 1} by random, approved" in text and f"it ran as t{TRIALS - 1}" in text

    async def test_importance(self, seat: Seat) -> None:
        lines = inside(await use(seat, "importance")).splitlines()
        assert lines[0].startswith("share of the spread of loss")
        assert lines[1].startswith("n: ") and lines[2].startswith("lr: ")  # loss is n / 100 and hardly lr

    async def test_importance_of_too_few_trials(self, seat: Seat) -> None:
        with seat.store.transaction() as conn:
            conn.execute("UPDATE trial SET value = NULL, state = 'failed' WHERE number > 4")
        assert inside(await use(seat, "importance")).startswith("Nothing can be said: fewer than 8 trials")

    async def test_lessons_that_fit_and_lessons_by_words(self, seat: Seat) -> None:
        fitting = inside(await use(seat, "lessons")).splitlines()
        assert fitting and all(line.startswith("- ") for line in fitting)
        found = inside(await use(seat, "lessons", query="learning rate", limit=2)).splitlines()
        assert 1 <= len(found) <= 2 and "learning rate" in found[0].lower()

    async def test_sql(self, seat: Seat) -> None:
        found = await use(seat, "sql", query="SELECT count(*) AS n FROM trial WHERE study_id = 1")
        assert inside(found) == f"n\n{TRIALS}"

    async def test_what_was_said_by_a_person_is_not_lost(self, seat: Seat) -> None:
        [proposal] = await _waiting(seat)
        proposals.reject(seat.store, proposal, actor="person", reason="too wide")
        assert "settled by person (too wide)" in inside(await use(seat, "proposals", number=proposal.number))


async def _waiting(seat: Seat) -> list[Any]:
    with seat.store.transaction() as conn:
        conn.execute("UPDATE study SET spec = json_set(spec, '$.budget.trials', 99)")
    bigger = Seat(seat.store, studies.get(seat.store, "quick"), None)
    assert "waits for the person" in await use(bigger, "propose", params={"lr": 0.0123}, why="between the two best")
    return proposals.pending(seat.store, seat.study.id)


class TestAsking:
    async def test_a_proposal_waits_and_is_whole(self, seat: Seat) -> None:
        [proposal] = await _waiting(seat)
        assert proposal.source is Source.LLM and proposal.state is ProposalState.PENDING
        assert proposal.params["lr"] == 0.0123 and set(proposal.params) == {"lr", "n"}
        assert len(trials.all_trials(seat.store, seat.study.id)) == TRIALS

    @pytest.mark.parametrize(
        ("params", "said"),
        [
            ({"lrr": 0.1}, "there is no parameter 'lrr'. Did you mean 'lr'?"),
            ({"lr": 5.0}, "lr = 5 is above its upper bound 0.1."),
            ({"lr": "high"}, "space.lr: lr = 'high' is not a number"),
            ({"n": 1e400}, "propose"),
            ({}, "propose: 'params' is wrong"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, seat: Seat, params: dict[str, Any], said: str) -> None:
        assert (await use(seat, "propose", params=params, why="because")).startswith(f"Not done: {said}")
        assert proposals.pending(seat.store, seat.study.id) == []

    async def test_a_config_that_was_tried_is_refused(self, seat: Seat) -> None:
        tried = trials.get(seat.store, seat.study.id, 3).params
        assert "was proposed before" in await use(seat, "propose", params=tried, why="again")

    async def test_the_budget_holds(self, seat: Seat) -> None:
        said = await use(seat, "propose", params={"lr": 0.0123}, why="one more")
        assert said == f"Not done: the budget of {TRIALS} trials is spoken for. set_budget can ask for more."

    async def test_each_change_is_an_action_that_waits(self, seat: Seat) -> None:
        number = add_trial(seat.store, seat.study, {"lr": 0.013, "n": 1}, TrialState.QUEUED)
        await use(seat, "edit_space", changes={"lr": {"high": 0.05}}, why="all above fail")
        await use(seat, "stop_trial", trial=number, why="not needed")
        await use(seat, "remember", lesson="lr above .05 always fails here", why="it did five times")
        await use(seat, "set_budget", trials=40, why="it still improves")
        asked = actions.pending(seat.store, seat.study.id)
        assert [a.kind for a in asked] == [
            ActionKind.EDIT_SPACE,
            ActionKind.STOP_TRIAL,
            ActionKind.REMEMBER,
            ActionKind.SET_BUDGET,
        ]
        assert asked[0].body == {"changes": {"lr": {"high": 0.05}}} and asked[0].reason == "all above fail"
        assert asked[3].body == {"trials": 40}
        assert studies.get(seat.store, "quick").spec == seat.study.spec
        assert trials.get(seat.store, seat.study.id, number).state is TrialState.QUEUED

    @pytest.mark.parametrize(
        ("name", "arguments", "said"),
        [
            ("edit_space", {"changes": {"lr": {"high": 0.1}}, "why": "same"}, "the space is so already."),
            ("edit_space", {"changes": {"lr": {"high": 0.001}}, "why": "turned"}, "space.lr: low = 0.01 is greater"),
            ("edit_space", {"changes": {"wd": {"high": 1}}, "why": "new"}, "space: there is no parameter 'wd'."),
            ("stop_trial", {"trial": 0, "why": "no use"}, "t0 has already ended (completed)"),
            ("set_budget", {"trials": 3, "why": "less"}, f"the study already has {TRIALS} trials."),
            ("set_budget", {"why": "hm, why"}, "no limit is named."),
            ("stop_trial", {"trial": 0}, "stop_trial needs 'why'"),
        ],
    )
    async def test_senseless_wishes_are_refused(
        self, seat: Seat, name: str, arguments: dict[str, Any], said: str
    ) -> None:
        assert (await use(seat, name, **arguments)).startswith(f"Not done: {said}")
        assert actions.pending(seat.store, seat.study.id) == []

    async def test_one_question_makes_only_so_many_cards(self, seat: Seat) -> None:
        box = Toolbox(seat)
        for high in (0.09, 0.08, 0.07, 0.06):
            said = await box.use("edit_space", {"changes": {"lr": {"high": high}}, "why": "narrow it"})
        assert said == f"Not done: {MOST_CARDS} cards wait after this question. Let the person decide first."
        assert len(actions.pending(seat.store, seat.study.id)) == MOST_CARDS


class TestWrongCalls:
    @pytest.mark.parametrize(
        ("name", "arguments", "said"),
        [
            ("approve", "{}", "there is no tool 'approve'. Known: trials, trial, "),
            ("tria", '{"trial": 1}', "there is no tool 'tria'. Did you mean 'trial'?"),
            ("", "nonsense", "the block does not hold one tool as JSON."),
            ("log", '{"trial": 2', "the arguments of log are not JSON"),
            ("log", "[2]", "log takes its arguments as one JSON object."),
            ("log", '"t2"', "log takes its arguments as one JSON object."),
            ("log", "[" * 5_000, "the arguments of log are not JSON"),
            ("log", '{"trial": ' + "9" * 5_000 + "}", "the arguments of log are not JSON"),
            ("log", '{"trial": -1}', "log: 'trial' is wrong"),
            ("log", '{"trial": NaN}', "log: 'trial' is wrong"),
            ("sql", '{"query": ""}', "sql: 'query' is wrong"),
        ],
    )
    async def test_one_sentence_each(self, seat: Seat, name: str, arguments: str, said: str) -> None:
        answer = await Toolbox(seat).use(name, arguments)
        assert answer.startswith(f"Not done: {said}")
        assert "\n" not in answer and len(answer) < 1_200

    async def test_half_a_surrogate_pair_is_stored_as_something_else(self, seat: Seat) -> None:
        await Toolbox(seat).use("set_budget", '{"trials": 40, "why": "because \\ud83d so"}')
        assert actions.pending(seat.store, seat.study.id)[0].reason == "because ? so"


@pytest.mark.parametrize("name", TOOLS)
def test_the_same_tool_is_described_to_both_kinds_of_model(name: str) -> None:
    schema = TOOLS[name].schema()["function"]
    assert (schema["name"], schema["description"]) == (name, TOOLS[name].about)
    assert all(field in TOOLS[name].usage() for field in schema["parameters"]["properties"])
    assert "title" not in json.dumps(schema)


def test_no_tool_approves_or_runs_anything() -> None:
    assert {name for name, tool in TOOLS.items() if tool.asks} == {
        "propose",
        "edit_space",
        "stop_trial",
        "remember",
        "set_budget",
    }
