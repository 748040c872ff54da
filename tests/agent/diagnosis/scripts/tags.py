"""Tags documents (many labels, most of them rare); micro-averaged F1 in percent and a weighted cross-entropy."""

import argparse
import logging

import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--learning-rate", type=float, required=True)
p.add_argument("--embedding-dim", type=int, default=24)
p.add_argument("--dropout", type=float, default=0.1)
p.add_argument("--num-epochs", type=int, default=15)
p.add_argument("--batch-size", type=int, default=32)
p.add_argument("--documents", type=int, default=900)
p.add_argument("--scramble", type=float, default=0.0)
p.add_argument("--seed", type=int, default=1)
p.add_argument("--fault", default="")
a = p.parse_args()
logging.basicConfig(format="[%(asctime)s][%(name)s][%(levelname)s] - %(message)s", level=logging.INFO)
log = logging.getLogger("tagger")
torch.manual_seed(a.seed)
torch.set_num_threads(1)
vocabulary, tags = 200, 12
affinity = (torch.rand(vocabulary, tags) < 0.04).float()
docs = torch.randint(vocabulary, (a.documents + 300, 30))
labels = (affinity[docs].sum(1) >= 2).float()
noisy = torch.rand_like(labels[: a.documents]) < a.scramble
labels[: a.documents] = torch.where(noisy, 1 - labels[: a.documents], labels[: a.documents])
if a.fault == "one-more":
    docs[3, 3] = vocabulary
if a.fault == "as-long":
    labels = labels.long()
bag = nn.EmbeddingBag(vocabulary, a.embedding_dim)
net = nn.Sequential(bag, nn.Dropout(a.dropout), nn.Linear(a.embedding_dim, 64), nn.ReLU(), nn.Linear(64, tags))
optimizer = torch.optim.Adam(net.parameters(), lr=a.learning_rate)
weight = torch.full((tags,), 2.0)
steps = 0
for epoch in range(1, a.num_epochs + 1):
    net.train()
    seen = 0.0
    for index in torch.randperm(a.documents).split(a.batch_size):
        loss = nn.functional.binary_cross_entropy_with_logits(net(docs[index]), labels[index], pos_weight=weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps += 1
        seen += loss.item() * len(index) / a.documents
    net.eval()
    with torch.no_grad():
        out = net(docs[a.documents :])
        want, got = labels[a.documents :], (out > 0).float()
        f1 = 200 * (want * got).sum() / (want.sum() + got.sum()).clamp(min=1)
        bce = nn.functional.binary_cross_entropy_with_logits(out, want, pos_weight=weight)
    log.info("epoch %d | trn_loss: %.4f | dev_loss: %.4f | dev_f1: %.2f", epoch, seen, bce, f1)
