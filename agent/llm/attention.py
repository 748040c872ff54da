"""Where in its prompt a local model looked when it wrote a reply.

A row belongs to one token of the reply: the attention, a share of 1, that led to it. Its columns are the tokens of
the prompt and, as one more, all of the reply before it. The prompt's first token takes what attention is left over
in most models (the "attention sink", Xiao et al. 2024) and is left out where lines are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.values import leaves, tokens_at
from trainers.errors import nearest

LIMIT = 64 << 20  # bytes of one recording
_LINE = 160  # characters of a line that the ledger keeps
_EXAMPLE = 'For example: "layers=0,-1 heads=all".'
Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Wanted:
    """Layers and heads by number, negative ones from the end; None is all of them."""

    layers: tuple[int, ...] | None = (-1,)
    heads: tuple[int, ...] | None = None

    def of(self, layers: int, heads: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The numbers from 0 for a model with so many. Raises LLMError for one it has not."""
        return _numbers("layers", self.layers, layers), _numbers("heads", self.heads, heads)


def parse(text: str) -> Wanted:
    """`layers=0,-1 heads=all`; without layers the last, without heads all. Raises LLMError naming the faulty part."""
    found: dict[str, tuple[int, ...] | None] = {}
    for part in text.split():
        key, sign, value = part.partition("=")
        if key not in ("layers", "heads") or not sign:
            raise _refused(f"'{part}' is neither layers=… nor heads=…", nearest(key, ("layers", "heads")))
        if key in found:
            raise _refused(f"{key} is given twice", _EXAMPLE)
        try:
            found[key] = None if value == "all" else tuple(dict.fromkeys(int(word) for word in value.split(",")))
        except ValueError:
            raise _refused(f"'{part}' is not a list of whole numbers, nor 'all'", _EXAMPLE) from None
    return Wanted(**found)


def _numbers(what: str, wanted: tuple[int, ...] | None, count: int) -> tuple[int, ...]:
    for number in wanted or ():
        if not -count <= number < count:
            raise _refused(f"{what}={number}: this model has {what} 0 to {count - 1}", _EXAMPLE)
    return tuple(range(count)) if wanted is None else tuple(dict.fromkeys(number % count for number in wanted))


def _refused(what: str, remedy: str) -> LLMError:
    return LLMError(LLMErrorKind.REQUEST, what, where="attention", remedy=remedy)


@dataclass(frozen=True)
class Recording:
    """Attention of one reply. Shapes: Q reply tokens, in blocks of `block`; K prompt tokens; N prompt lines.

    `mean_QK` is the mean over the chosen layers L and heads H; `heads_QLHN` keeps them apart, by line; its last
    column, and what `mean_QK` lacks to 1, is attention to the reply itself.
    """

    layers: tuple[int, ...]
    heads: tuple[int, ...]
    lines: tuple[str, ...]
    line_of_K: tuple[int, ...]
    reply: tuple[str, ...]
    block: int
    mean_QK: Floats = field(repr=False)
    heads_QLHN: Floats = field(repr=False)

    def weights(self, tokens: Iterable[int]) -> list[float]:
        """How much of the attention that led to these tokens went to each line of the prompt: shares of 1."""
        rows = sorted({token // self.block for token in tokens if token < len(self.reply)})
        mean_K = self.mean_QK[rows].mean(axis=0) if rows else np.zeros(self.mean_QK.shape[1], np.float32)
        lines = np.bincount(self.line_of_K[1:], weights=mean_K[1:], minlength=len(self.lines))
        total = float(lines.sum())
        return [float(weight) / total if total > 0 else 0.0 for weight in lines]

    def value_tokens(self) -> list[int]:
        """The tokens of the values the reply decides; all of it where it holds no JSON."""
        found = leaves("".join(self.reply))
        return [i for member in found for i in tokens_at(self.reply, member)] or list(range(len(self.reply)))

    def save(self, path: Path) -> None:
        """As npz, whole or not at all."""
        half = path.with_suffix(".half")
        with half.open("wb") as file:
            np.savez_compressed(
                file,
                mean_QK=self.mean_QK,
                heads_QLHN=self.heads_QLHN,
                layers=np.array(self.layers, np.int64),
                heads=np.array(self.heads, np.int64),
                line_of_K=np.array(self.line_of_K, np.int64),
                block=np.array(self.block, np.int64),
                lines=np.array(self.lines, np.str_),
                reply=np.array(self.reply, np.str_),
            )
        half.replace(path)

    def kept(self, folder: Path, call_id: int) -> dict[str, Any]:
        """Saves it as `attention-ID.npz` in `folder`, and says in plain JSON what the ledger keeps of it."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"attention-{call_id}.npz"
        self.save(path)
        weights = self.weights(self.value_tokens())
        lines = [[text[:_LINE], weight] for text, weight in zip(self.lines, weights, strict=True)]
        return {"file": path.name, "layers": list(self.layers), "heads": list(self.heads), "lines": lines}


def load(path: Path) -> Recording:
    """Raises OSError or ValueError for a file that is none of ours."""
    with np.load(path, allow_pickle=False) as data:
        return Recording(
            layers=tuple(map(int, data["layers"])),
            heads=tuple(map(int, data["heads"])),
            lines=tuple(map(str, data["lines"])),
            line_of_K=tuple(map(int, data["line_of_K"])),
            reply=tuple(map(str, data["reply"])),
            block=int(data["block"]),
            mean_QK=data["mean_QK"],
            heads_QLHN=data["heads_QLHN"],
        )


class Recorder:
    """Takes one row after the other. When they come to more than `limit` bytes, pairs of neighbours are averaged."""

    def __init__(self, layers: Sequence[int], heads: Sequence[int], prompt: Sequence[str], limit: int = LIMIT) -> None:
        self.layers, self.heads = tuple(layers), tuple(heads)
        self._lines, self._line_of_K = prompt_lines(prompt)
        self._starts = [k for k, line in enumerate(self._line_of_K) if k == 0 or line != self._line_of_K[k - 1]]
        self._limit, self._block = limit, 1
        self._rows: list[tuple[Floats, Floats]] = []
        self._part: list[tuple[Floats, Floats]] = []  # of the block that is not yet whole

    def add(self, row_LHK: Floats) -> None:
        """The attention that led to the next token of the reply, over the prompt and the reply so far."""
        count = len(self._line_of_K)
        lines_LHN = np.add.reduceat(row_LHK[..., :count], self._starts, axis=-1)
        own_LH1 = row_LHK[..., count:].sum(axis=-1, keepdims=True)
        mean_K = row_LHK[..., :count].mean(axis=(0, 1))
        self._part.append((mean_K, np.concatenate([lines_LHN, own_LH1], axis=-1)))
        if len(self._part) == self._block:
            self._close_block()
            if sum(a.nbytes + b.nbytes for a, b in self._rows[:1]) * len(self._rows) > self._limit:
                self._halve()

    def _close_block(self) -> None:
        self._rows.append(_averaged(self._part))
        self._part = []

    def _halve(self) -> None:
        pairs = [self._rows[i : i + 2] for i in range(0, len(self._rows), 2)]
        self._part = pairs.pop() * self._block if len(pairs[-1]) == 1 else []
        self._rows = [_averaged(pair) for pair in pairs]
        self._block *= 2

    def recording(self, reply: Sequence[str]) -> Recording:
        """`reply` are the texts of the tokens that were written."""
        if self._part:
            self._close_block()
        columns = len(self._line_of_K), (len(self.layers), len(self.heads), len(self._lines) + 1)
        mean_QK = np.array([mean for mean, _ in self._rows], np.float32).reshape(-1, columns[0])
        heads_QLHN = np.array([heads for _, heads in self._rows], np.float32).reshape(-1, *columns[1])
        return Recording(
            self.layers, self.heads, self._lines, self._line_of_K, tuple(reply), self._block, mean_QK, heads_QLHN
        )


def _averaged(rows: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    if len(rows) == 1:
        return rows[0]
    return np.mean([mean for mean, _ in rows], axis=0), np.mean([heads for _, heads in rows], axis=0)


def prompt_lines(tokens: Sequence[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The lines that have a token, and the line each token belongs to: that of its first character which is no
    line break; one of line breaks alone ends its line."""
    lines: list[str] = []
    line_of: list[int] = []
    begin = True
    for token in tokens:
        if begin or (token[:1] == "\n" and token.strip("\n")):
            lines.append("")
        lines[-1] += token.strip("\n").replace("\n", " ")
        line_of.append(len(lines) - 1)
        begin = token.endswith("\n")
    return tuple(lines), tuple(line_of)
