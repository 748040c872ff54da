"""Trains a small network on handwritten digits (8x8 pixels, 10 classes).

    python train.py --lr 0.1 --hidden 128

Prints one line an epoch. Data ships with scikit-learn, nothing is downloaded.
"""

import argparse
import os

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lr", type=float, default=0.03, help="learning rate")
    parser.add_argument("--wd", type=float, default=1e-4, help="weight decay")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--hidden", type=int, default=64, help="units in each of the two hidden layers")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0, help="seed of the weights and of the order of the batches")
    parser.add_argument("--test", action="store_true", help="look at the test samples too: once, at the end of all")
    return parser.parse_args()


def load_data():
    """60% to train on, 20% to choose hyperparameters by, 20% that only --test looks at.

    The split is the same in every run; only then can two runs be compared.
    """
    pixels, labels = load_digits(return_X_y=True)
    x = torch.tensor(pixels, dtype=torch.float32)
    y = torch.tensor(labels)
    rest, test = train_test_split(range(len(y)), test_size=0.2, random_state=0, stratify=labels)
    train, val = train_test_split(rest, test_size=0.25, random_state=0, stratify=labels[rest])
    mean, std = x[train].mean(), x[train].std()  # from the training part only
    x = (x - mean) / std
    return (x[train], y[train]), (x[val], y[val]), (x[test], y[test])


def main():
    args = parse_args()
    torch.manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    (x, y), val, test = [(a.to(device), b.to(device)) for a, b in load_data()]

    model = nn.Sequential(
        nn.Linear(64, args.hidden),
        nn.LeakyReLU(),
        nn.Linear(args.hidden, args.hidden),
        nn.LeakyReLU(),
        nn.Linear(args.hidden, 10),
    ).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=args.wd)
    loss_of = nn.CrossEntropyLoss()
    print(f"{len(y)} training samples on {device}, {sum(p.numel() for p in model.parameters())} weights")

    best = float("inf")
    for epoch in range(1, args.epochs + 1):
        model.train()
        total = 0.0
        for batch in torch.randperm(len(y), device=device).split(args.batch_size):
            optimizer.zero_grad()
            loss = loss_of(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)

        model.eval()
        with torch.no_grad():
            logits = model(val[0])
            val_loss = loss_of(logits, val[1]).item()
            val_acc = (logits.argmax(1) == val[1]).float().mean().item()
        print(f"epoch {epoch} train_loss={total / len(y):.4f} val_loss={val_loss:.4f} val_acc={val_acc:.4f}")

        if val_loss < best:
            best = val_loss
            folder = os.environ.get("TUNEWRIGHT_CHECKPOINT")
            if folder:
                torch.save(model.state_dict(), os.path.join(folder, "best.pt"))

    if args.test:
        with torch.no_grad():
            print(f"test_acc={(model(test[0]).argmax(1) == test[1]).float().mean().item():.4f}")


if __name__ == "__main__":
    main()
