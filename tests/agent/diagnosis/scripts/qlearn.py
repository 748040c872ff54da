"""Tabular Q-learning on a slippery grid; NumPy. The success rate of the greedy policy is what counts."""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

config, flags = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text()), set(sys.argv[1:])
rng = np.random.default_rng(config["seed"])
size = 5
holes, goal = {(1, 1), (3, 2), (1, 3)}, (4, 4)
moves = [(0, 1), (1, 0), (0, -1), (-1, 0)]
q = np.zeros((size, size, 4))


def step(state, action):
    if rng.random() < 0.1:
        action = rng.integers(4)
    new = tuple(int(np.clip(s + d, 0, size - 1)) for s, d in zip(state, moves[action], strict=True))
    return new, (1.0 if new == goal else -0.2 if new in holes else -0.01), new == goal or new in holes


def greedy(runs):
    won = 0
    for _ in range(runs):
        state = (0, 0)
        for _ in range(40):
            state, _, done = step(state, int(q[state].argmax()))
            if done:
                break
        won += state == goal
    return won / runs


errors = []
for episode in range(1, config["episodes"] + 1):
    state, epsilon = (0, 0), max(0.05, 1 - episode / (0.5 * config["episodes"]))
    for _ in range(60):
        action = int(rng.integers(4)) if rng.random() < epsilon else int(q[state].argmax())
        new, reward, done = step(state, action)
        td = reward + (0 if done else config["discount"] * q[new].max()) - q[state][action]
        q[state][action] += config["alpha_rate"] * td
        errors.append(abs(td))
        state = new
        if done:
            break
    if "stuck" in flags and episode == 100:
        time.sleep(60)
    if episode % 25 == 0:
        print(
            json.dumps(
                {
                    "episode": episode,
                    "td_error": float(np.mean(errors[-200:])),
                    "epsilon": epsilon,
                    "success_rate": greedy(40),
                }
            ),
            flush=True,
        )
