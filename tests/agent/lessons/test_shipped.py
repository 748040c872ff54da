"""The lessons that ship: enough of them, each with a source, none that the loader would refuse."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from agent.lessons.families import FAMILIES
from agent.lessons.lesson import LessonSource
from agent.lessons.shipped import shipped
from agent.lessons.wire import from_dict, to_dict
from agent.study.aliases import common

_SOURCE = Path(__file__).resolve().parents[3] / "agent" / "lessons" / "shipped.toml"
# A paper with its year, or the documentation of a library.
_CITED = re.compile(r"\b(?:19|20)\d\d\b|documentation|user guide")


def test_there_are_enough_and_every_one_is_sound():
    found = shipped()
    assert len(found) >= 30
    assert len({one.text for one in found}) == len({one.uid for one in found}) == len(found)
    for one in found:
        assert from_dict(to_dict(one)) == one
        assert one.source is LessonSource.SHIPPED


def test_each_has_a_source_and_says_when_it_holds():
    for one in shipped():
        assert _CITED.search(one.citation), one.uid
        assert one.conditions.families or one.uid in ("shipped:noise-of-seeds", "shipped:few-parameters-matter")
        assert set(one.conditions.families) <= FAMILIES, one.uid
        assert one.text.endswith((".", "!")), one.uid
        assert 0.5 <= one.confidence <= 0.9, one.uid
        assert one.tags, one.uid


def test_subjects_and_claims_go_by_common_names():
    for one in shipped():
        assert [common(name) for name in one.subjects] == list(one.subjects), one.uid
        if one.claim is not None:
            assert one.claim.parameter in one.subjects, one.uid


def test_no_table_has_a_key_that_nobody_reads():
    known = {"text", "subjects", "families", "trainer", "task", "metric", "when", "confidence", "citation", "claim"}
    for key, table in tomllib.loads(_SOURCE.read_text(encoding="utf-8")).items():
        assert set(table) <= known | {"tags"}, key
