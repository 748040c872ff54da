"""A small attention classifier, logged as Hugging Face does: Python dicts, `eval_` before what is validated."""

import argparse
import time

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--learning_rate", type=float, default=2e-3)
parser.add_argument("--num_train_epochs", type=int, default=8)
parser.add_argument("--per_device_train_batch_size", type=int, default=32)
parser.add_argument("--weight_decay", type=float, default=0.0)
parser.add_argument("--hidden_size", type=int, default=32)
parser.add_argument("--num_attention_heads", type=int, default=4)
parser.add_argument("--train_samples", type=int, default=700)
parser.add_argument("--label_noise", type=float, default=0.0)
parser.add_argument("--optim", default="AdamW")
parser.add_argument("--fault", default="")
args = parser.parse_args()
torch.manual_seed(17)
torch.set_num_threads(1)
ids = torch.randint(3, 40, (args.train_samples + 400, 16))
labels = ((ids < 12).sum(1) > 3).long()
flip = torch.rand(len(labels)) < args.label_noise
labels = torch.where(flip, 1 - labels, labels)
if args.fault == "positions":
    ids = torch.cat([ids, ids], 1)
if args.fault == "soft-labels":
    labels = labels.float()


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.places = nn.Embedding(40, args.hidden_size), nn.Embedding(16, args.hidden_size)
        layer = nn.TransformerEncoderLayer(
            args.hidden_size, args.num_attention_heads, 2 * args.hidden_size, 0.0, batch_first=True
        )
        self.body = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(args.hidden_size, 2)

    def forward(self, x):
        hidden = self.tokens(x) + self.places(torch.arange(x.shape[1]))
        return self.head(self.body(hidden).mean(1))


model = Classifier()
if args.fault == "frozen":
    for weights in model.parameters():
        weights.requires_grad_(False)
    model.head.bias.requires_grad_(True)
trained = [weights for weights in model.parameters() if weights.requires_grad]
optimizer = getattr(torch.optim, args.optim)(trained, lr=args.learning_rate, weight_decay=args.weight_decay)
train = range(args.train_samples)
steps = 0
for epoch in range(args.num_train_epochs):
    model.train()
    for rows in torch.randperm(len(train)).split(args.per_device_train_batch_size):
        loss = nn.functional.cross_entropy(model(ids[rows]), labels[rows])
        if args.fault == "sqrt" and steps > 60:
            loss = loss + (loss - loss).sqrt()
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(trained, 1e9)
        optimizer.step()
        steps += 1
        if steps % 5 == 0:
            share = epoch + (steps % (len(train) // args.per_device_train_batch_size + 1)) / 100
            log = {"loss": round(loss.item(), 4), "grad_norm": norm.item(), "learning_rate": args.learning_rate}
            print(log | {"epoch": round(share, 2)}, flush=True)
        if args.fault == "stall":
            time.sleep(0.08)
    model.eval()
    with torch.no_grad():
        out = model(ids[args.train_samples :])
        held = labels[args.train_samples :]
        score = (out.argmax(1) == held).float().mean().item()
        print({"eval_loss": nn.functional.cross_entropy(out, held).item(), "eval_accuracy": score, "epoch": epoch + 1})
    if args.fault == "save" and epoch == 1:
        torch.save(model.state_dict(), "outputs/run-3/model.pt")
