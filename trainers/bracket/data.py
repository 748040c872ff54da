"""Bracket strings, their answers, and a split by hash.

A sample is a question, a random bracket string cut short, and an answer, the closers it still
owes, innermost first: `({()` owes `})`. Tokens are the nine of TOKENS; a written-out sample reads
`input:({(),output:}),`, the last comma ending the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOKENS = ("", "(", ")", "【", "】", "{", "}", "input", ",output", ",")
PAD, INPUT, OUTPUT, END = 0, 7, 8, 9
MODES = ("clean", "reference")

MAX_STEPS, MAX_DEPTH, OPEN_PROBABILITY = 20, 5, 0.7
MIN_LENGTH, MAX_LENGTH = 5, 20  # of the whole string, before it is cut
MAX_ANSWER = 3
HELD_OUT = 1_000  # samples in each of validation and test
_CHUNK = 16_384  # strings drawn at a time; fixed, so that a small training set is a prefix of a large one
_PARTS = 20  # one twentieth of all questions is for validation, one for test

Tokens = NDArray[np.uint8]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Samples:
    """`question_NQ` begins with INPUT, `answer_NA` ends with END; both are padded on the right.

    `length_N` counts a question's tokens, INPUT included.
    """

    question_NQ: Tokens
    length_N: Ints
    answer_NA: Tokens

    def __len__(self) -> int:
        return len(self.question_NQ)

    def __getitem__(self, index: Ints | slice | NDArray[np.bool_]) -> Samples:
        return Samples(self.question_NQ[index], self.length_N[index], self.answer_NA[index])

    @staticmethod
    def join(parts: list[Samples]) -> Samples:
        return Samples(
            *(np.concatenate([getattr(p, f) for p in parts]) for f in ("question_NQ", "length_N", "answer_NA"))
        )


@dataclass(frozen=True)
class Splits:
    train: Samples
    val: Samples
    test: Samples


def splits(train_samples: int, mode: str = "clean", seed: int = 0) -> Splits:
    """The same data for the same arguments. A question's split is a function of the question, so
    none of validation or test is ever seen in training, however large the training set."""
    rng = np.random.default_rng(seed)
    wanted = (HELD_OUT, HELD_OUT, train_samples)
    found: list[list[Samples]] = [[], [], []]
    while any(sum(map(len, have)) < want for have, want in zip(found, wanted, strict=True)):
        drawn = samples(_CHUNK, mode, rng)
        part_N = np.minimum(part(drawn), 2)
        for index, have in enumerate(found):
            have.append(drawn[part_N == index])
    val, test, train = (Samples.join(have)[:want] for have, want in zip(found, wanted, strict=True))
    return Splits(train, val, test)


def samples(tries: int, mode: str, rng: np.random.Generator) -> Samples:
    """About 0.6 × `tries` samples: what is left of that many strings once too short and too long ones are gone.

    Mode `clean` has the true answers. Mode `reference` keeps an error of a widely copied generator:
    the answer is what was cut off, less an opener in it, which moves to the front of the question.
    Where a closer of that opener precedes another, the answer is in the wrong order.
    """
    string_NL, length_N = strings(tries, rng)
    cut_N = rng.integers(1, MAX_ANSWER + 1, len(length_N))
    column_L = np.arange(string_NL.shape[1])
    question_NL = np.where(column_L < (length_N - cut_N)[:, None], string_NL, PAD)
    tail_NA = np.take_along_axis(string_NL, (length_N - cut_N)[:, None] + np.arange(MAX_ANSWER), 1)
    moved_N = (tail_NA * (tail_NA % 2)).max(1)  # at most one: a tail of three that ends in a closer
    question_NL = push_front(question_NL, moved_N)
    answer_NA = closure(question_NL) if mode == "clean" else squeeze(np.where(tail_NA % 2, PAD, tail_NA))
    return assemble(question_NL, answer_NA)


def strings(tries: int, rng: np.random.Generator) -> tuple[Tokens, Ints]:
    """Balanced strings of 5–20 brackets, padded, and their lengths."""
    width = MAX_STEPS + MAX_DEPTH + MAX_ANSWER
    string_NL = np.zeros((tries, width), np.uint8)
    stack_ND = np.zeros((tries, MAX_DEPTH + 1), np.uint8)
    length_N, depth_N = np.zeros(tries, np.int64), np.zeros(tries, np.int64)
    steps_N, deepest_N = rng.integers(1, MAX_STEPS + 1, tries), rng.integers(1, MAX_DEPTH + 1, tries)
    row_N = np.arange(tries)
    for step in range(MAX_STEPS + MAX_DEPTH):
        opens_N = (step < steps_N) & (depth_N < deepest_N) & (rng.random(tries) < OPEN_PROBABILITY)
        closes_N = ~opens_N & (depth_N > 0)
        opener_N = rng.choice(np.array([1, 3, 5], np.uint8), tries)
        token_N = np.where(opens_N, opener_N, stack_ND[row_N, depth_N] + 1)
        moves_N = opens_N | closes_N
        string_NL[row_N[moves_N], length_N[moves_N]] = token_N[moves_N]
        stack_ND[row_N[opens_N], depth_N[opens_N] + 1] = opener_N[opens_N]
        length_N += moves_N
        depth_N += opens_N.astype(np.int64) - closes_N
    fits_N = (length_N >= MIN_LENGTH) & (length_N <= MAX_LENGTH)
    return string_NL[fits_N], length_N[fits_N]


def closure(question_NL: Tokens) -> Tokens:
    """The closers each row still owes, innermost first, padded to MAX_ANSWER."""
    rows = len(question_NL)
    stack_ND = np.zeros((rows, question_NL.shape[1] + MAX_ANSWER + 1), np.uint8)
    depth_N, row_N = np.full(rows, MAX_ANSWER), np.arange(rows)
    for token_N in question_NL.T:
        depth_N += (token_N % 2 == 1).astype(np.int64) - ((token_N % 2 == 0) & (token_N > 0))
        opens_N = token_N % 2 == 1
        stack_ND[row_N[opens_N], depth_N[opens_N]] = token_N[opens_N] + 1
    top_NA = depth_N[:, None] - np.arange(MAX_ANSWER)
    return np.where(top_NA > MAX_ANSWER, np.take_along_axis(stack_ND, top_NA, 1), PAD)


def push_front(text_NL: Tokens, token_N: Tokens) -> Tokens:
    """Rows with their token put before the first column; PAD leaves a row as it is."""
    wide_NL = np.concatenate([token_N[:, None], text_NL], 1)
    return np.where(token_N[:, None] > 0, wide_NL, np.concatenate([text_NL, np.zeros_like(token_N)[:, None]], 1))


def squeeze(text_NL: Tokens) -> Tokens:
    """Rows with their pads moved to the end."""
    return np.take_along_axis(text_NL, np.argsort(text_NL == PAD, 1, kind="stable"), 1)


def assemble(text_NL: Tokens, answer_NA: Tokens) -> Samples:
    """Adds INPUT and END."""
    rows = len(text_NL)
    question_NQ = push_front(text_NL, np.full(rows, INPUT, np.uint8))[
        :, :MAX_LENGTH
    ]  # INPUT, and at most all but one bracket
    ended_NA = np.concatenate([answer_NA, np.zeros((rows, 1), np.uint8)], 1)
    ended_NA[np.arange(rows), (answer_NA != PAD).sum(1)] = END
    return Samples(question_NQ, (question_NQ != PAD).sum(1), ended_NA)


def code(samples: Samples) -> NDArray[np.uint64]:
    """A number per question, different for different questions: 3 bits a bracket, 60 at most."""
    code_N = np.zeros(len(samples), np.uint64)
    for token_N in samples.question_NQ[:, 1:].T:
        code_N = (code_N << np.uint64(3)) | token_N.astype(np.uint64)
    return code_N


def part(samples: Samples) -> NDArray[np.uint64]:
    """Each question's hash, 0 to 19: splitmix64's finaliser over its code."""
    x_N = code(samples) + np.uint64(0x9E3779B97F4A7C15)
    x_N = (x_N ^ (x_N >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x_N = (x_N ^ (x_N >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (x_N ^ (x_N >> np.uint64(31))) % np.uint64(_PARTS)
