"""A two-layer network in plain numpy that learns two interleaved spirals. Change the settings below and run it again."""

import numpy as np

# ---- settings ----------------------------------------------------------
SEED = 0
LEARNING_RATE = 0.5
MOMENTUM = 0.9
L2 = 1e-4
HIDDEN = 48
BATCH_SIZE = 64
EPOCHS = 150
LOG_EVERY = 10
POINTS = 2 * 300
DATA_FILE = "spirals.npz"

config = {
    "decay": 0.98,  # of the learning rate, every ten epochs
    "init": {"scale": 1.0, "distribution": "normal"},
    "noise": 0.15,
}
# -------------------------------------------------------------------------


def spirals(rng, n):
    angle = np.sqrt(rng.random(n)) * 3 * np.pi
    label = rng.integers(0, 2, n)
    sign = np.where(label == 1, 1.0, -1.0)
    points = np.stack([sign * angle * np.cos(angle), sign * angle * np.sin(angle)], 1) / 5
    return points + rng.normal(0, config["noise"], points.shape), label


class Network:
    def __init__(self, rng):
        scale = config["init"]["scale"]
        if config["init"]["distribution"] == "normal":
            draw = rng.normal
        else:

            def draw(mean, spread, shape):
                return rng.uniform(-spread * 3**0.5, spread * 3**0.5, shape)

        sizes = (2, HIDDEN, HIDDEN, 2)
        self.weights = [draw(0, scale * (2 / a) ** 0.5, (a, b)) for a, b in zip(sizes, sizes[1:])]
        self.biases = [np.zeros(b) for b in sizes[1:]]
        self.speed = [np.zeros_like(w) for w in (*self.weights, *self.biases)]

    def forward(self, x):
        kept = [x]
        for i, (w, b) in enumerate(zip(self.weights, self.biases)):
            x = x @ w + b
            x = np.maximum(x, 0) if i < 2 else x
            kept.append(x)
        return kept

    def step(self, x, y, rate):
        kept = self.forward(x)
        p = softmax(kept[-1])
        loss = -np.log(p[np.arange(len(y)), y] + 1e-12).mean()
        grad = p
        grad[np.arange(len(y)), y] -= 1
        grad /= len(y)
        for i in reversed(range(3)):
            dw, db = kept[i].T @ grad + L2 * self.weights[i], grad.sum(0)
            grad = (grad @ self.weights[i].T) * (kept[i] > 0)
            for j, array, change in ((i, self.weights, dw), (i + 3, self.biases, db)):
                self.speed[j] = MOMENTUM * self.speed[j] - rate * change
                array[i] += self.speed[j]
        return loss


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


if __name__ == "__main__":
    rng = np.random.default_rng(SEED)
    x, y = spirals(rng, POINTS)
    x_val, y_val = spirals(rng, POINTS // 2)
    net = Network(rng)
    rate = LEARNING_RATE / 10
    for epoch in range(EPOCHS):
        order = rng.permutation(len(y))
        losses = [net.step(x[i], y[i], rate) for i in np.split(order, range(BATCH_SIZE, len(y), BATCH_SIZE))]
        if epoch % 10 == 9:
            rate *= config["decay"]
        if epoch % LOG_EVERY == 0 or epoch == EPOCHS - 1:
            p = softmax(net.forward(x_val)[-1])
            val = -np.log(p[np.arange(len(y_val)), y_val] + 1e-12).mean()
            print(
                "epoch %4d | loss %.4f | val loss %.4f | val acc %.3f"
                % (epoch, np.mean(losses), val, (p.argmax(1) == y_val).mean())
            )
