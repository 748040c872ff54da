"""A tiny stand-in with the manners of transformers' Trainer, for machines where that is not installed."""

import time
from dataclasses import dataclass

import torch


@dataclass
class TrainingArguments:
    output_dir: str = "out"
    learning_rate: float = 5e-5
    per_device_train_batch_size: int = 8
    per_device_eval_batch_size: int = 8
    num_train_epochs: float = 3.0
    weight_decay: float = 0.0
    warmup_ratio: float = 0.0
    lr_scheduler_type: str = "linear"
    label_smoothing_factor: float = 0.0
    max_grad_norm: float = 1.0
    logging_steps: int = 10
    eval_strategy: str = "no"
    seed: int = 42


class Trainer:
    def __init__(self, model, args, train_dataset, eval_dataset):
        self.model, self.args, self.train_dataset, self.eval_dataset = model, args, train_dataset, eval_dataset
        self.loss = torch.nn.CrossEntropyLoss(label_smoothing=args.label_smoothing_factor)

    def _rate(self, step, steps):
        warmup = int(self.args.warmup_ratio * steps)
        if step < warmup:
            return self.args.learning_rate * (step + 1) / warmup
        if self.args.lr_scheduler_type == "constant":
            return self.args.learning_rate
        return self.args.learning_rate * max(0.0, (steps - step) / max(1, steps - warmup))

    def train(self):
        args, (x, y) = self.args, self.train_dataset
        torch.manual_seed(args.seed)
        optimizer = torch.optim.AdamW(self.model.parameters(), lr=args.learning_rate, weight_decay=args.weight_decay)
        per_epoch = -(-len(y) // args.per_device_train_batch_size)
        steps, step, since, start = int(per_epoch * args.num_train_epochs), 0, 0.0, time.time()
        while step < steps:
            self.model.train()
            for batch in torch.randperm(len(y)).split(args.per_device_train_batch_size):
                rate = self._rate(step, steps)
                optimizer.param_groups[0]["lr"] = rate
                loss = self.loss(self.model(x[batch]), y[batch])
                optimizer.zero_grad()
                loss.backward()
                norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), args.max_grad_norm)
                optimizer.step()
                step, since = step + 1, since + loss.item()
                if step % args.logging_steps == 0:
                    shown = {"loss": round(since / args.logging_steps, 4), "grad_norm": round(norm.item(), 4)}
                    print({**shown, "learning_rate": rate, "epoch": round(step / per_epoch, 2)})
                    since = 0.0
                if step >= steps:
                    break
            if args.eval_strategy == "epoch":
                print({**self.evaluate(), "epoch": round(step / per_epoch, 2)})
        seconds = time.time() - start
        print({"train_runtime": round(seconds, 4), "train_steps_per_second": round(steps / seconds, 3)})

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        x, y = self.eval_dataset
        start, logits = time.time(), self.model(x)
        return {
            "eval_loss": round(self.loss(logits, y).item(), 6),
            "eval_accuracy": round((logits.argmax(1) == y).float().mean().item(), 6),
            "eval_runtime": round(time.time() - start, 4),
        }
