"""An evolution strategy on a rugged valley; the fitness is the negative of a cost; NumPy."""

import sys

import numpy as np

sigma, population, generations, seed = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
flags = set(sys.argv[5:])
rng = np.random.default_rng(seed)
centre, spread = rng.normal(size=6) * 2, sigma


def fitness(v):
    return -float(sum(30 * (v[i + 1] - v[i] ** 2) ** 2 + (1 - v[i]) ** 2 for i in range(5)))


for generation in range(generations):
    crowd = centre + spread * rng.normal(size=(population, 6))
    score = np.array([fitness(v) for v in crowd])
    best = np.argsort(-score)[: max(2, population // 4)]
    better = np.mean(score > fitness(centre))
    centre, spread = crowd[best].mean(0), spread * (1.15 if better > 0.2 else 0.88)
    if "crash" in flags and generation == 30:
        np.linalg.cholesky(np.zeros((3, 3)) - 1)
    print(
        f"gen {generation:4d}  mean_fitness {score.mean():.5g}  best_fitness {score.max():.5g}  sigma {spread:.3g}",
        flush=True,
    )
