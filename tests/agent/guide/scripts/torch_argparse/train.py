#!/usr/bin/env python
"""A small convolutional network on the 8x8 handwritten digits, in the style of the PyTorch examples."""

import argparse
import time

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

BASE_LR = 1e-3


class Net(nn.Module):
    def __init__(self, width, dropout):
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * width * 4, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.head(self.dropout(x.flatten(1)))


def get_parser():
    parser = argparse.ArgumentParser(description="PyTorch digits example")
    parser.add_argument("--data-dir", type=str, default="./data", metavar="DIR", help="where data is kept")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="random seed (default: 1)")
    parser.add_argument("--no-cuda", action="store_true", default=False, help="disables CUDA training")
    parser.add_argument("--workers", "-j", type=int, default=0, help="data loading workers")
    parser.add_argument("--log-interval", type=int, default=10, help="batches between two log lines")
    model = parser.add_argument_group("model")
    model.add_argument("--width", type=int, default=16, help="channels of the first convolution")
    model.add_argument("--dropout", type=float, default=0.25)
    optim = parser.add_argument_group("optimisation")
    optim.add_argument("-b", "--batch-size", type=int, default=64, metavar="N", help="input batch size for training")
    optim.add_argument("--epochs", type=int, default=8, metavar="N", help="number of epochs to train")
    optim.add_argument("--opt", choices=["sgd", "adam", "adamw"], default="sgd", help="optimizer")
    optim.add_argument("--lr", type=float, default=10 * BASE_LR, metavar="LR", help="initial learning rate")
    optim.add_argument("--momentum", default=0.9, type=float, help="SGD momentum")
    optim.add_argument("--nesterov", action=argparse.BooleanOptionalAction, default=True)
    optim.add_argument("--wd", "--weight-decay", dest="weight_decay", default=5e-4, type=float)
    optim.add_argument("--gamma", type=float, default=0.9, help="learning rate decay an epoch")
    optim.add_argument("--clip-grad", type=float, default=None, metavar="NORM", help="clip gradient norm")
    return parser


def make_optimizer(model, args):
    if args.opt == "sgd":
        return torch.optim.SGD(
            model.parameters(),
            lr=args.lr,
            momentum=args.momentum,
            weight_decay=args.weight_decay,
            nesterov=args.nesterov and args.momentum > 0,
        )
    kind = torch.optim.Adam if args.opt == "adam" else torch.optim.AdamW
    return kind(model.parameters(), lr=args.lr, weight_decay=args.weight_decay)


def train(args, model, device, loader, optimizer, epoch):
    model.train()
    for batch_idx, (data, target) in enumerate(loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(data), target)
        loss.backward()
        if args.clip_grad is not None:
            nn.utils.clip_grad_norm_(model.parameters(), args.clip_grad)
        optimizer.step()
        if batch_idx % args.log_interval == 0:
            done = batch_idx * args.batch_size
            print(
                f"Train Epoch: {epoch} [{done}/{len(loader.dataset)} ({100.0 * batch_idx / len(loader):.0f}%)]"
                f"\tLoss: {loss.item():.6f}"
            )


@torch.no_grad()
def test(model, device, loader):
    model.eval()
    loss, correct = 0.0, 0
    for data, target in loader:
        output = model(data.to(device))
        loss += F.cross_entropy(output, target.to(device), reduction="sum").item()
        correct += (output.argmax(1) == target.to(device)).sum().item()
    n = len(loader.dataset)
    print(f"\nTest set: Average loss: {loss / n:.4f}, Accuracy: {correct}/{n} ({100.0 * correct / n:.1f}%)\n")


def main():
    args = get_parser().parse_args()
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() and not args.no_cuda else "cpu")
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    data = TensorDataset(images, torch.tensor(digits.target))
    parts = random_split(data, [1400, len(data) - 1400], generator=torch.Generator().manual_seed(0))
    loader = DataLoader(parts[0], batch_size=args.batch_size, shuffle=True, num_workers=args.workers)
    test_loader = DataLoader(parts[1], batch_size=256)
    model = Net(args.width, args.dropout).to(device)
    optimizer = make_optimizer(model, args)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=args.gamma)
    start = time.time()
    for epoch in range(1, args.epochs + 1):
        train(args, model, device, loader, optimizer, epoch)
        test(model, device, test_loader)
        scheduler.step()
    print(f"done in {time.time() - start:.1f}s")


if __name__ == "__main__":
    main()
