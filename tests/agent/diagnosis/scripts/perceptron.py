"""An averaged perceptron that counts its mistakes among 250 held-out samples; plain words and whole numbers."""

import sys

import numpy as np

rate, passes, noise, seed = float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
rng = np.random.default_rng(seed)
x = rng.normal(size=(650, 30))
y = np.sign(x @ rng.normal(size=30) + noise * rng.normal(size=650))
w, mean, count = np.zeros(30), np.zeros(30), 0
for epoch in range(1, passes + 1):
    wrong = 0
    for i in rng.permutation(400):
        if y[i] * (x[i] @ w) <= 0:
            w = w + rate * y[i] * x[i]
            wrong += 1
        mean, count = mean + w, count + 1
    held = int((np.sign(x[400:] @ mean) != y[400:]).sum())
    print(f"pass {epoch}: {wrong} updates, train mistakes: {wrong}, dev mistakes: {held}", flush=True)
