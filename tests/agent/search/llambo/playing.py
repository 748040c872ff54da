"""A model that knows nothing but what it reads: it predicts by the nearest of the trials that the prompt shows.

It answers every question of LLAMBO in the form that is asked for, from the text of the prompt alone; the space is given
it to measure distances in. `Player(space)` is a script of tests.agent.llm.endpoint.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.agent.llm import steps
from tests.agent.llm.endpoint import Asked
from tests.agent.llm.steps import Step
from trainers.parameters import CategoricalParameter
from trainers.space import Config, SearchSpace

_NEAREST = 3
_PAIR = re.compile(r'([A-Za-z_][\w.]*)=("(?:[^"\\]|\\.)*"|[^,]+)')


@dataclass
class Player:
    """`instead` makes, by purpose, something else of the sensible answer and its prompt. `blind`: its candidates are drawn at random, its predictions are not. `noise` is the deviation of its predictions from one answer to the next, as a share of the values' range."""

    space: SearchSpace
    noise: float = 0.05
    seed: int = 0
    blind: bool = False
    asked: list[str] = field(default_factory=list)
    instead: dict[str, Callable[[dict[str, Any], str], Step]] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Step:
        self.asked.append(asked.prompt)
        document = self.document(asked.prompt)
        odd = self.instead.get(purpose(asked.prompt))
        return steps.reply(document, piece=400) if odd is None else odd(document, asked.prompt)

    def document(self, prompt: str) -> dict[str, Any]:
        told = f"{self.seed}/{prompt}/{self.asked.count(prompt)}"
        rng = random.Random(hashlib.sha256(told.encode()).digest())
        if purpose(prompt) == "start":
            return {"configurations": [self.space.sample(rng) for _ in range(wanted(prompt))]}
        if purpose(prompt) == "candidates" and self.blind:
            return {"configurations": [self.space.sample(rng) for _ in range(wanted(prompt))]}
        if purpose(prompt) == "candidates":
            return {"configurations": self._candidates(prompt, rng)}
        seen, asked = trials(prompt), questions(prompt)
        spread = max(v for _, v in seen) - min(v for _, v in seen)
        if purpose(prompt) == "predict":
            return {x: round(self._predict(c, seen) + rng.gauss(0, self.noise * spread), 6) for x, c in asked.items()}
        return {x: int(rng.random() < self._predict(c, seen)) for x, c in asked.items()}

    def _predict(self, config: Config, seen: list[tuple[Config, float]]) -> float:
        near = sorted((self.space.distance(config, other), value) for other, value in seen)[:_NEAREST]
        weights = [1 / (distance + 1e-3) for distance, _ in near]
        return sum(w * value for w, (_, value) in zip(weights, near, strict=True)) / sum(weights)

    def _candidates(self, prompt: str, rng: random.Random) -> list[Config]:
        """Of many configs, at random and near the trials closest to the target, those that it predicts nearest to it."""
        seen, aim = trials(prompt), target(prompt)
        close = [c for c, _ in sorted(seen, key=lambda pair: abs(pair[1] - aim))[:3]]
        drawn = [self.space.sample(rng) for _ in range(30)]
        drawn += [self._near(rng.choice(close), rng) for _ in range(60)]
        drawn = [c for c in drawn if min(self.space.distance(c, o) for o, _ in seen) > 0.01 and self.space.allows(c)]
        return sorted(drawn, key=lambda c: abs(self._predict(c, seen) - aim))[: wanted(prompt)]

    def _near(self, config: Config, rng: random.Random) -> Config:
        other = self.space.sample(rng)
        mixed = dict(config)
        for name in rng.sample(list(mixed), min(len(mixed), rng.choice((1, 2, 3)))):
            parameter = self.space.parameters[name]
            if isinstance(parameter, CategoricalParameter) or name not in other:
                mixed[name] = other.get(name, mixed[name])
                continue
            unit = min(max(parameter.unit(mixed[name]) + rng.gauss(0, 0.12), 0.0), 1.0)
            low, high = parameter.low, parameter.high
            raw = math.exp(math.log(low) + unit * math.log(high / low)) if parameter.log else low + unit * (high - low)
            mixed[name] = parameter.snap(raw)
        return self.space.snap(mixed)


def purpose(prompt: str) -> str:
    if "to begin with, from what you know" in prompt:
        return "start"
    if "Class 1 are" in prompt:
        return "classify"
    return "candidates" if '"configurations": [' in prompt else "predict"


def wanted(prompt: str) -> int:
    """How many configs a prompt asks for."""
    found = re.search(r"(?:Give|Add) (\d+)", prompt)
    assert found is not None
    return int(found[1])


def target(prompt: str) -> float:
    found = re.search(r"(?:would come to \S+ = |would be |to be )(\S+?)(?:\?|\.\n)", prompt)
    assert found is not None
    return float(found[1])


def trials(prompt: str) -> list[tuple[Config, float]]:
    """The trials in the prompt with their values, or classes, in any of the three forms."""
    section = re.split(r"\n# (?:Trials so far|What was measured|Results)\n", prompt)[1].split("\n# What is asked")[0]
    lines = section.strip().splitlines()[2:]
    if " | " in lines[0]:
        head = lines[0].split(" | ")
        first = "->" not in lines[0] and head[0] not in names(prompt)
        return [_row(head, line.split(" | "), first) for line in lines[1:] if " | " in line]
    found = []
    for line in lines:
        if " -> " in line:
            config, value = line.rsplit(" -> ", 1)
        elif re.match(r"\S+ \S+: ", line):
            value, config = line.split(": ", 1)
        else:
            continue
        found.append((config_of(config), float(value.split()[-1])))
    return found


def questions(prompt: str) -> dict[str, Config]:
    """The configs asked about, by label."""
    lines = prompt.split("\n# What is asked\n")[1].splitlines()
    head = next((line.split(" | ") for line in lines if line.startswith("label | ")), None)
    if head is not None:
        rows = [dict(zip(head, line.split(" | "), strict=True)) for line in lines if re.match(r"c\d+ \| ", line)]
        return {row.pop("label"): _config(row) for row in rows}
    return {m[1]: config_of(m[2]) for line in lines if (m := re.match(r"(c\d+): (.*)", line))}


def names(prompt: str) -> list[str]:
    section = prompt.split("\n# The search space\n")[1].split("\n# ")[0]
    return re.findall(r"^- ([\w.]+): ", section, flags=re.M)


def config_of(text: str) -> Config:
    if text.startswith("{"):
        return dict(json.loads(text))
    return {name: json.loads(value) for name, value in _PAIR.findall(text)}


def _row(head: list[str], cells: list[str], value_first: bool) -> tuple[Config, float]:
    cells_by_name = list(zip(head, cells, strict=True))
    value = cells_by_name.pop(0 if value_first else -1)[1]
    return _config(dict(cells_by_name)), float(value)


def _config(row: dict[str, str]) -> Config:
    return {name: json.loads(cell) for name, cell in row.items() if cell != "–"}
