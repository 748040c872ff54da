"""What a machine has for a local model."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from agent.llm import capacity
from agent.llm.errors import LLMError, LLMErrorKind

GIB = 1 << 30


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 8 * GIB}))


def group(path: Path, limit: str, used: int, cached: int) -> Path:
    (path / "memory.max").write_text(f"{limit}\n")
    (path / "memory.current").write_text(f"{used}\n")
    (path / "memory.stat").write_text(f"anon 1\nfile {cached}\nkernel 5\n")
    return path


class TestFreeMemory:
    def test_is_the_machine_s_where_no_group_limits_it(self, machine: None, tmp_path: Path) -> None:
        assert capacity.free_memory(tmp_path) == 8 * GIB
        assert capacity.free_memory(group(tmp_path, "max", GIB, 0)) == 8 * GIB

    def test_is_what_the_group_has_left_and_can_drop(self, machine: None, tmp_path: Path) -> None:
        assert capacity.free_memory(group(tmp_path, str(4 * GIB), 3 * GIB, 2 * GIB)) == 3 * GIB
        assert capacity.free_memory(group(tmp_path, str(4 * GIB), 5 * GIB, 0)) == 0
        assert capacity.free_memory(group(tmp_path, str(99 * GIB), GIB, 0)) == 8 * GIB


def test_one_processor_is_left_to_others_where_there_are_several(monkeypatch: pytest.MonkeyPatch) -> None:
    for usable, threads in (({0}, 1), ({0, 1}, 1), (set(range(8)), 7)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid, usable=usable: usable)
        assert capacity.threads() == threads


def test_room_for_a_reply() -> None:
    assert capacity.room(1_000, 500, 4_096, "here") == 500
    assert capacity.room(3_800, 500, 4_096, "here") == 296
    assert capacity.room(4_090, 5, 4_096, "here") == 5
    with pytest.raises(LLMError, match=r"the prompt has 3,900 tokens, and the model has room for 4,096") as caught:
        capacity.room(3_900, 500, 4_096, "here")
    assert caught.value.kind is LLMErrorKind.TOO_LONG
