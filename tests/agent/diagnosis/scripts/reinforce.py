"""Policy gradients on a corridor with a pit; NumPy. Prints `episode 50 | return 0.42 …`."""

import argparse

import numpy as np

p = argparse.ArgumentParser()
p.add_argument("--step-size", type=float, required=True)
p.add_argument("--discount", type=float, default=0.97)
p.add_argument("--episodes", type=int, default=600)
p.add_argument("--length", type=int, default=6)
p.add_argument("--slip", type=float, default=0.1)
p.add_argument("--seed", type=int, default=0)
p.add_argument("--name", default="return")
a = p.parse_args()
rng = np.random.default_rng(a.seed)
theta, value = np.zeros((a.length, 2)), np.zeros(a.length)


def policy(state):
    e = np.exp(theta[state] - theta[state].max())
    return e / e.sum()


recent, losses = [], []
for episode in range(1, a.episodes + 1):
    state, path, score = a.length // 2, [], 0.0
    for _ in range(40):
        action = int(rng.random() < policy(state)[1])
        move = action if rng.random() > a.slip else 1 - action
        after = state + (1 if move else -1)
        reward = 10.0 if after == a.length else -5.0 if after < 0 else -0.2
        path.append((state, action, reward))
        score += reward
        if not 0 <= after < a.length:
            break
        state = after
    back = 0.0
    for state, action, reward in reversed(path):
        back = reward + a.discount * back
        gain = back - value[state]
        value[state] += 0.1 * gain
        losses.append((-gain * np.log(policy(state)[action]), gain**2))
        slope = -policy(state)
        slope[action] += 1
        theta[state] += a.step_size * gain * slope
    recent.append(score)
    if episode % 20 == 0:
        policy_loss, value_loss = np.mean(losses[-100:], axis=0)
        h = np.mean([-(policy(s) * np.log(policy(s) + 1e-12)).sum() for s in range(a.length)])
        mean = np.mean(recent[-20:])
        print(
            f"episode {episode} | {a.name} {mean:.3f} | policy_loss {policy_loss:.4f} | value_loss {value_loss:.3f} | entropy {h:.3f}",
            flush=True,
        )
