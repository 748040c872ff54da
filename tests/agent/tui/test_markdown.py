"""Markdown of a model on the screen: every width holds, nothing steers the terminal, what grows does not jump."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from agent.tui.talk.markdown import render

MARKS = [
    "*",
    "**",
    "_",
    "__",
    "`",
    "```",
    "~~",
    "|",
    "|---|",
    "- ",
    "1. ",
    "# ",
    "> ",
    "[",
    "](",
    ")",
    "\n",
    "\n\n",
    " ",
    "\\",
    "---",
]
ODD = [
    "\x1b[31m",
    "\x1b]8;;http://x\x07",
    "\x07",
    "\x9b1m",
    "\u202e",
    "\u200b",
    "\u0301",
    "\t",
    "漢字",
    "👍🏽",
    "e\u0301",
    "[t17 log:412]",
    "/suggest 3",
]
TEXTS = st.lists(st.one_of(st.sampled_from(MARKS + ODD), st.text(max_size=12)), max_size=60).map("".join)

REPLY = """# Why t17 diverged

The loss left the **stable region** at step 412 [t17 log:412], because `lr = 3e-3` is *too high*:

- every trial above 2e-3 failed [t9] [t12]
- the nearest sound one has 1e-3
  and took the same time
  1. nested, with a number

| trial | lr | val_loss |
|:------|----:|---------:|
| t9 | 1e-3 | .3121 |
| t17 | 3e-3 | nan |

```python
for step in range(3):
    print("x" * 100)
```

> quoted once

See [the paper](https://example.org/a) or /suggest 17.
"""


def shown(text: str, width: int = 60, **how: bool) -> list[str]:
    return ["".join(part for part, _ in line) for line in render(text, width, **how)]


def roles(text: str) -> dict[str, str]:
    return {part: role for line in render(text, 80) for part, role in line}


class TestWhatever:
    @given(TEXTS, st.integers(10, 120), st.booleans())
    @settings(max_examples=400, deadline=None)
    def test_it_fits_the_width_and_steers_nothing(self, text: str, width: int, growing: bool) -> None:
        for line in shown(text, width, growing=growing):
            assert cell_len(line) <= width
            assert not any(c < " " or "\x7f" <= c <= "\x9f" or c in "\u200b\u202e\u2028" for c in line)

    @given(TEXTS)
    @example("|---|****[t17 log:412]|/suggest 3[t17 log:412]")
    @settings(max_examples=200, deadline=None)
    def test_no_word_of_it_is_lost(self, text: str) -> None:
        words = "".join(c for c in text if c in string.ascii_letters)
        kept = "".join("".join(shown(text, 40)).split())
        if not any(mark in text for mark in ("\x1b", "\x9b", "](", "```", "~~~", "`")):
            found = [c for c in kept if c in string.ascii_letters]
            if "|" in text:  # cells that wrap stand beside each other
                assert sorted(found) == sorted(words)
            else:
                assert found == list(words)

    def test_a_long_line_of_marks_takes_no_time_worth_naming(self) -> None:
        for mark in ("*", "`", "**a", "_a", "[", "~~", "|", "> ", "- ", "\\", "`a"):
            render(mark * 20_000, 80)


class TestBlocks:
    def test_a_whole_reply(self) -> None:
        assert shown(REPLY) == [
            "Why t17 diverged",
            "",
            "The loss left the stable region at step 412 [t17\u00a0log:412],",
            "because lr\u00a0=\u00a03e-3 is too high:",
            "",
            "• every trial above 2e-3 failed [t9] [t12]",
            "• the nearest sound one has 1e-3",
            "  and took the same time",
            "  1. nested, with a number",
            "",
            "trial    lr  val_loss",
            "─────────────────────",
            "t9     1e-3     .3121",
            "t17    3e-3       nan",
            "",
            "▏python",
            "▏for step in range(3):",
            '▏    print("x" * 100)',
            "",
            "▎ quoted once",
            "",
            "See the paper (https://example.org/a) or /suggest 17.",
        ]

    def test_marks_become_looks_and_citations_links(self) -> None:
        found = roles(REPLY)
        assert found["stable region"] == "text+bold"
        assert found["too high"] == "text+italic"
        assert found["lr\u00a0=\u00a03e-3"] == "strong"
        assert found["[t17\u00a0log:412]"] == "link#t17:log:412"
        assert found["/suggest 17"] == "link#suggest:17"
        assert found[" (https://example.org/a)"] == "muted"

    def test_an_address_is_text_and_never_a_link(self) -> None:
        assert not any(
            "#" in role for part, role in roles("[t1](evil) [x](app:quit) <https://a>").items() if "t1" not in part
        )

    @pytest.mark.parametrize(
        "text", ["snake_case_name", "2 * 3 * 4", "a_b", "__init__.py", "*", "**", "5 * x", "[bold]x[/]"]
    )
    def test_what_only_looks_like_a_mark_stays(self, text: str) -> None:
        assert "".join(shown(text)) == text

    def test_code_keeps_its_marks_and_its_indent(self) -> None:
        assert shown("```\n  **x** _y_ [t17]\n```") == ["▏  **x** _y_ [t17]"]

    def test_a_table_too_wide_is_wrapped_in_its_cells(self) -> None:
        text = "| name | what it is |\n|---|---|\n| lr | the step size of the optimiser, on a log scale |"
        lines = shown(text, 24)
        assert len(lines) > 3
        assert all(cell_len(line) <= 24 for line in lines)
        assert "optimiser," in " ".join(lines)

    def test_a_table_of_too_many_columns_is_rows(self) -> None:
        assert shown("|a|b|c|d|e|f|g|h|", 20) == ["a  b  c  d  e  f  g", "h"]


class TestGrowing:
    @pytest.mark.parametrize("width", [24, 60, 100])
    def test_lines_above_the_last_block_stand_still(self, width: int) -> None:
        for end in range(1, len(REPLY)):
            now = shown(REPLY[:end], width, growing=True)
            before = shown(REPLY[: end - 1], width, growing=True)
            last = REPLY[: end - 1].rstrip("\n").rfind("\n\n")
            still = len(shown(REPLY[: last + 1], width)) if last > 0 else 0
            assert now[:still] == before[:still]

    def test_it_never_loses_more_than_the_line_that_is_written(self) -> None:
        high = 0
        for end in range(1, len(REPLY)):
            lines = shown(REPLY[:end], 60, growing=True)
            assert len(lines) >= high - 1
            high = len(lines)

    @pytest.mark.parametrize(
        ("text", "said", "role"),
        [
            ("so **bo", "bo", "text+bold"),
            ("so `lr = 3", "lr\u00a0=\u00a03", "strong"),
            ("see [the paper](https://exa", "see the paper", "text"),
            ("# Why", "Why", "primary+bold"),
        ],
    )
    def test_what_is_open_is_shown_as_if_it_were_closed(self, text: str, said: str, role: str) -> None:
        assert (said, role) in [part for line in render(text, 60, growing=True) for part in line]

    @pytest.mark.parametrize("text", ["so **", "so *", "so `", "so ~~", "so ["])
    def test_a_mark_that_only_begins_is_not_shown_yet(self, text: str) -> None:
        assert shown(text, growing=True) == ["so"]

    def test_half_a_row_waits_until_it_is_whole(self) -> None:
        text = "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | fo"
        assert shown(text, growing=True) == ["a     b", "──────────", "1     2"]

    def test_an_open_fence_is_code_to_the_end(self) -> None:
        assert shown("```py\nx = 1\n# not a heading\n``", growing=True) == ["▏py", "▏x = 1", "▏# not a heading"]


def test_random_cuts_of_a_reply_never_raise() -> None:
    chance = random.Random(0)
    for _ in range(300):
        start, end = sorted(chance.sample(range(len(REPLY)), 2))
        shown(REPLY[start:end], chance.randint(10, 90), growing=chance.random() < 0.5)
