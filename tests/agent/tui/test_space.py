"""The space editor: edited in place, weighed before it is taken, saved as one change, never lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.store import actions, events, proposals, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import ActionKind, ProposalState
from agent.study.study_file import read_study_file
from agent.tui.screens.space import SpaceScreen
from tests.agent.test_cli_space import FILE
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_snapshots import SIZES, coloured, compare
from trainers.contract import Failure, FailureKind


async def page(screen: Screen) -> SpaceScreen:
    await screen.command("/space")
    await screen.until(lambda: isinstance(screen.app.screen, SpaceScreen), "the page is open")
    await screen.rest()
    found = screen.app.screen
    assert isinstance(found, SpaceScreen)
    return found


async def put(screen: Screen, row: str, key: str, text: str) -> None:
    """Goes to a cell and writes into it, without taking it."""
    screen.app.screen.table.go(row, key)
    await screen.press("enter", "ctrl+u")
    await screen.write(text)
    await screen.rest()


def stored(path: Path):  # type: ignore[no-untyped-def]
    with open_store(path, check=False) as store:
        return studies.get(store, seed.STUDY).spec.space.parameters


class TestEditing:
    async def test_what_a_change_means_is_said_while_it_is_typed(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await page(screen)
            await put(screen, "lr", "high", ".002")
            assert "of 12 trials lie outside (lr" in screen.text
            assert "defaults stay valid" in screen.text
            await screen.press("escape")
            await put(screen, "lr", "low", "7e-4")
            assert "proposal 14 would no longer fit and expires: lr = 0.0006 is below" in screen.text
            assert stored(store_path)["lr"].high == 0.1

    @pytest.mark.parametrize(
        ("row", "key", "text", "said"),
        [
            ("lr", "low", ".5", "low = 0.5 is greater than high = 0.1. Swap them."),
            ("lr", "low", "0", "log = true needs low above 0, not 0. Raise low or drop log."),
            ("lr", "default", "3", "its default does not fit: lr = 3 is above its upper bound 0.1"),
            ("lr", "high", "high", "high = 'high' must be finite numbers"),
            ("batch_size", "choices", "", "choices is empty. List at least one value."),
            ("wd", "when", "wd > .1", "the conditions of wd depend on each other. Break the circle."),
            ("wd", "when", "optimiser == 1", "names 'optimiser', which is no parameter. Did you mean 'optimizer'?"),
            ("constraints", "constraints", "lr < speed", "'lr < speed' names 'speed', which is no parameter"),
        ],
    )
    async def test_what_is_wrong_stands_at_its_row_and_is_not_saved(
        self, store_path: Path, row: str, key: str, text: str, said: str
    ) -> None:
        async with opened(store_path) as screen:
            await page(screen)
            await put(screen, row, key, text)
            lines = screen.lines
            at = next(i for i, line in enumerate(lines) if said in line)
            assert f"✗ {said[:20]}" in lines[at] or "✗ " in lines[at]
            assert any(row in line for line in lines[at - 2 : at])
            await screen.press("enter", "s")
            await screen.rest()
            assert "not saved:" in screen.text
            before = seed.SPACE.parameters
            assert stored(store_path) == dict(before)

    async def test_escape_leaves_the_cell_as_it_was(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            found = await page(screen)
            await put(screen, "lr", "high", ".002")
            await screen.press("escape")
            await screen.rest()
            assert isinstance(screen.app.screen, SpaceScreen) and not found.changed
            assert "saved" in screen.text and "not saved" not in screen.text

    async def test_letters_written_into_a_cell_are_no_commands(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            found = await page(screen)
            await put(screen, "optimizer", "choices", "adam,sgd,nudx")
            await screen.press("enter")
            assert found.draft.parameters["optimizer"]["choices"] == ["adam", "sgd", "nudx"]
            assert list(found.draft.parameters) == list(seed.SPACE.parameters)

    async def test_type_and_log_turn_with_enter(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            found = await page(screen)
            found.table.go("lr", "log")
            await screen.press("enter")
            assert "log" not in found.draft.parameters["lr"]
            found.table.go("wd", "type")
            await screen.press("enter")
            assert found.draft.parameters["wd"] == {"type": "int", "low": 0, "high": 0, "default": 0}

    async def test_parameters_come_are_copied_go_and_come_back(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            found = await page(screen)
            await screen.press("n")
            await screen.press("ctrl+u")
            await screen.write("momentum")
            await screen.press("enter", "d")
            await screen.rest()
            assert list(found.draft.parameters)[:3] == ["lr", "momentum", "momentum_2"]
            assert "none has a value for momentum, momentum_2, so the search begins anew" in screen.text
            await screen.press("x")
            found.table.go("momentum", "low")
            await screen.press("x")
            assert list(found.draft.parameters)[:2] == ["lr", "wd"]
            await screen.press("u", "u", "u", "u", "u")
            assert not found.changed
            await screen.press("u")
            assert "there is nothing to undo" in screen.text

    async def test_a_name_that_is_taken_is_refused(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            found = await page(screen)
            await put(screen, "lr", "name", "wd")
            await screen.press("enter")
            assert "there is a parameter 'wd' already" in screen.text and not found.changed


class TestSaving:
    async def test_it_is_one_change_of_the_study_and_misfits_expire(self, store_path: Path) -> None:
        with open_store(store_path) as store:
            study = studies.get(store, seed.STUDY)
            before = events.last_id(store, study.id)
        async with opened(store_path) as screen:
            await page(screen)
            await put(screen, "lr", "low", "1e-3")
            await screen.press("tab")
            await put(screen, "lr", "high", ".05")
            await screen.press("enter", "s")
            await screen.until(lambda: "saved: lr: low 1e-05 → 0.001; lr: high 0.1 → 0.05" in screen.text)
            assert "proposal 14 expired" in screen.text
            await screen.press("escape")
            await screen.until(lambda: not screen.study.model.pending)
            assert screen.study.model.spec.space.parameters["lr"].high == 0.05
        with open_store(store_path) as store:
            changes = [e.data["what"] for e in events.since(store, study.id, before) if "what" in e.data]
            assert changes == ["space lr: low 1e-05 → 0.001; lr: high 0.1 → 0.05"]
            [gone] = [p for p in proposals.all_of(store, study.id) if p.state is ProposalState.EXPIRED]
            decided = proposals.decision(store, gone.id)
            assert decided is not None and decided.reason == "the space was changed"

    async def test_a_change_made_elsewhere_meanwhile_is_not_overwritten_unseen(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await page(screen)
            await put(screen, "lr", "high", ".05")
            await screen.press("enter")
            with open_store(store_path) as store:
                from agent.settling import change_space
                from agent.study.space_edit import edited

                study = studies.get(store, seed.STUDY)
                change_space(store, study, edited(study.spec.space, {"wd": {"high": 0.2}}))
                screen._sessions[-1].study = studies.get(store, seed.STUDY)  # as a real session would notice
            await screen.until(lambda: screen.study.model.spec.space.parameters["wd"].high == 0.2)
            await screen.press("s")
            await screen.until(lambda: "the space was changed meanwhile (wd: high 0.3 → 0.2)" in screen.text)
            assert stored(store_path)["lr"].high == 0.1

    async def test_what_is_not_saved_is_there_again_after_the_app_was_gone(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await page(screen)
            await put(screen, "lr", "high", ".05")
            await screen.press("enter")
        async with opened(store_path) as screen:
            found = await page(screen)
            assert found.changed and "what was not saved last time" in screen.text
            await screen.press("u")
            assert not found.changed
        async with opened(store_path) as screen:
            assert not (await page(screen)).changed

    async def test_at_once_by_the_slash_command(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/space lr.high=.05 wd.step=.1 constraints='lr < wd'")
            await screen.until(lambda: "lr: high 0.1 → 0.05; wd: step – → 0.1" in screen.study.notice.said)
            assert stored(store_path)["wd"].step == 0.1
            await screen.command("/space lrr.high=3")
            await screen.until(lambda: "Did you mean 'lr'?" in screen.study.notice.said)
            await screen.command("/space lr.low=3")
            await screen.until(lambda: "low = 3 is greater than high = 0.05" in screen.study.notice.said)
            await screen.command("/space 'lr.low=3")
            assert "a quotation mark is not closed" in screen.study.notice.said

    async def test_what_the_agent_asks_for_can_be_taken_over(self, store_path: Path) -> None:
        with open_store(store_path) as store:
            study = studies.get(store, seed.STUDY)
            body = {"changes": {"lr": {"high": 0.02}}}
            actions.ask(store, study.id, ActionKind.EDIT_SPACE, body, "All above .02 [bold]diverged.")
        async with opened(store_path) as screen:
            found = await page(screen)
            assert "agent asks  lr: high 0.1 → 0.02. All above .02 [bold]diverged." in screen.text
            await screen.press("t")
            assert found.draft.parameters["lr"]["high"] == 0.02 and stored(store_path)["lr"].high == 0.1

    async def test_it_is_written_into_the_study_file_with_its_comments(self, tmp_path: Path) -> None:
        file = tmp_path / "study.toml"
        file.write_text(FILE)
        path = tmp_path / "store.sqlite"
        with open_store(path) as store:
            study = studies.create(store, read_study_file(file), tmp_path)
            seed.add_proposal(store, study.id, 1e-3)
            [proposal] = proposals.pending(store, study.id)
            proposals.approve(store, proposal, actor="person")
            trials.claim(store, trials.get(store, study.id, 0).id, "runs/digits/0")
        async with opened(path, study=None) as screen:
            await screen.until(lambda: screen.app.desk and screen.app.desk.study and screen.app.desk.study.loaded)
            await page(screen)
            await put(screen, "wd", "high", ".2")
            await screen.press("enter", "s")
            await screen.until(lambda: "study.toml differs: wd: high 0.3 → 0.2" in screen.text)
            await screen.press("f")
            await screen.until(lambda: "its comments are as they were" in screen.text)
        assert "# weight decay hardly matters" in file.read_text()
        assert read_study_file(file).space.parameters["wd"].high == 0.2  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_the_page(store_path: Path, size: tuple[int, int]) -> None:
    async with opened(store_path, size=size) as screen:
        await page(screen)
        await put(screen, "lr", "low", "2e-4")
        await screen.press("enter")
        await put(screen, "wd", "low", ".9")
        await screen.press("enter")
        await screen.rest()
        compare("space", size, screen.text)
        await coloured("space", size, screen)


class TestLearntBounds:
    async def test_what_ran_out_of_memory_is_shown_with_its_evidence_and_can_be_let_go_of(
        self, store_path: Path
    ) -> None:
        with open_store(store_path) as store:
            study = studies.get(store, seed.STUDY)
            failed = Failure(kind=FailureKind.CUDA_OUT_OF_MEMORY, details={"asked_bytes": 2 << 30})
            store.conn.execute("UPDATE trial SET params = json_set(params, '$.optimizer', 'adam')")
            store.conn.execute(
                "UPDATE trial SET failure = ?, params = json_set(params, '$.optimizer', 'sgd')"
                " WHERE study_id = ? AND state = 'failed'",
                (json.dumps(failed.to_dict()), study.id),
            )
            every = trials.all_trials(store, study.id)
            number = next(t.number for t in every if t.failure is not None)
        async with opened(store_path) as screen:
            await page(screen)
            await screen.until(lambda: f"nothing as large as t{number}, which ran out of memory" in screen.text)
            assert "2 GiB asked for" in screen.text and f"/drop-bound {number}" in screen.text
            await screen.press("escape")
            await screen.command(f"/drop-bound {number}")
            await screen.until(lambda: f"t{number} bounds nothing any more" in screen.text)
            await page(screen)
            assert f"as large as t{number}," not in screen.text
        with open_store(store_path, check=False) as store:
            assert studies.get(store, seed.STUDY).spec.unbounded == (number,)


class TestHints:
    async def test_a_long_hint_keeps_to_one_line_and_leaves_the_others_on_the_page(self, store_path: Path) -> None:
        async with opened(store_path, (80, 24)) as screen:
            long = "lr ~ 3e-4 and small wd " + "as it was in the runs of the last year with the larger model " * 2
            for hint in (long, "wd ~ .1", "lr ~ 1e-3"):
                await screen.command(f"/hint {hint}")
                await screen.rest()
            await page(screen)
            await screen.until(lambda: "“lr ~ 1e-3”" in screen.text)
            first, second, third = (line for line in screen.lines if "you expect" in line)
            assert "“lr ~ 3e-4" in first and "…" in first and "counts" in first
            assert "“wd ~ .1” counts" in second and "“lr ~ 1e-3” counts" in third

    async def test_what_is_expected_is_said_by_slash_shown_on_the_page_and_taken_back(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/hint faster please")
            await screen.until(lambda: "says nothing of a parameter" in screen.text)
            await screen.press("escape")
            await screen.command("/hint lr ~ 3e-4; small wd")
            await screen.until(lambda: "understood: lr about 0.0003, wd" in screen.text)
            found = await page(screen)
            assert "you expect  “lr ~ 3e-4; small wd” counts 100%" in screen.text
            assert found is screen.app.screen
            await screen.press("escape")
            await screen.command("/hint drop")
            await screen.until(lambda: "hints are taken back" in screen.text)
        with open_store(store_path, check=False) as store:
            assert studies.get(store, seed.STUDY).spec.hints == ()
