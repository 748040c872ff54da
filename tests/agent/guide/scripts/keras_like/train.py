"""Breast cancer, benign or malignant: a dense network, with the output of model.fit.

Settings come from the environment, as they do in a container:

    LEARNING_RATE=0.01 EPOCHS=3 python train.py
"""

import os
import sys
import time

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

EPOCHS = int(os.environ.get("EPOCHS", 8))
BATCH_SIZE = int(os.getenv("BATCH_SIZE", "16"))
LEARNING_RATE = float(os.environ.get("LEARNING_RATE", "1e-3"))
UNITS = int(os.environ.get("UNITS", "32"))
DROPOUT = float(os.environ.get("DROPOUT") or 0.2)
OPTIMIZER = os.environ.get("OPTIMIZER", "adam")
DATA_DIR = os.environ.get("DATA_DIR", "/tmp/data")
OPTIMIZERS = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop}


class Progbar:
    """Redraws its line as Keras does: back over what stands there, then anew."""

    def __init__(self, target):
        self.target, self.width, self.start = target, 0, time.time()

    def update(self, done, values, last=False):
        bar = "=" * (30 * done // self.target)
        bar = bar if done == self.target else (bar[:-1] + ">").ljust(30, ".")
        spent = time.time() - self.start
        pace = (
            f"{spent:.0f}s {1000 * spent / done:.0f}ms/step"
            if last
            else f"ETA: {spent / done * (self.target - done):.0f}s"
        )
        line = f"{done}/{self.target} [{bar}] - {pace}" + "".join(f" - {k}: {v:.4f}" for k, v in values.items())
        sys.stdout.write(
            "\b" * self.width + "\r" + line + " " * max(0, self.width - len(line)) + ("\n" if last else "")
        )
        sys.stdout.flush()
        self.width = len(line)


def data():
    x, y = load_breast_cancer(return_X_y=True)
    parts = train_test_split(x, y, test_size=0.25, random_state=1, stratify=y)
    scaler = StandardScaler().fit(parts[0])
    x_train, x_val = (torch.tensor(scaler.transform(part)).float() for part in parts[:2])
    y_train, y_val = (torch.tensor(part).float().unsqueeze(1) for part in parts[2:])
    return x_train, y_train, x_val, y_val


def fit(model, optimizer, x, y, validation):
    loss_of = nn.BCEWithLogitsLoss()
    for epoch in range(EPOCHS):
        print(f"Epoch {epoch + 1}/{EPOCHS}")
        model.train()
        batches = torch.randperm(len(y)).split(BATCH_SIZE)
        bar, total, right, seen = Progbar(len(batches)), 0.0, 0, 0
        for i, batch in enumerate(batches, 1):
            logits = model(x[batch])
            loss = loss_of(logits, y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total, seen = total + loss.item() * len(batch), seen + len(batch)
            right += ((logits > 0) == (y[batch] > 0.5)).sum().item()
            values = {"loss": total / seen, "accuracy": right / seen}
            bar.update(i, values)
        model.eval()
        with torch.no_grad():
            logits = model(validation[0])
            values["val_loss"] = loss_of(logits, validation[1]).item()
            values["val_accuracy"] = ((logits > 0) == (validation[1] > 0.5)).float().mean().item()
        bar.update(len(batches), values, last=True)


def main():
    torch.manual_seed(0)
    x, y, x_val, y_val = data()
    model = nn.Sequential(
        nn.Linear(x.shape[1], UNITS),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(UNITS, UNITS),
        nn.ReLU(),
        nn.Linear(UNITS, 1),
    )
    print(f'Model: "sequential"\nTotal params: {sum(p.numel() for p in model.parameters())}\n')
    fit(model, OPTIMIZERS[OPTIMIZER](model.parameters(), lr=LEARNING_RATE), x, y, (x_val, y_val))


if __name__ == "__main__":
    main()
