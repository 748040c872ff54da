"""A tiny Trainer with the manners of Lightning: modules with hooks, one progress bar a run, redrawn with carriage returns."""

import sys
import time

import torch


class LightningModule(torch.nn.Module):
    def log(self, name, value, prog_bar=False):
        if prog_bar:
            self.logged[name] = float(value)


class Trainer:
    def __init__(self, max_epochs=10, gradient_clip_val=None, accumulate_grad_batches=1, file=sys.stdout):
        self.max_epochs, self.clip, self.accumulate = max_epochs, gradient_clip_val, accumulate_grad_batches
        self.file = file

    def fit(self, module, train_loader, val_loader):
        module.logged = {}
        found = module.configure_optimizers()
        optimizer, scheduler = found if isinstance(found, tuple) else (found, None)
        trainable = sum(p.numel() for p in module.parameters() if p.requires_grad)
        print("GPU available: False, used: False\nTPU available: False, using: 0 TPU cores\n")
        print("  | Name  | Type       | Params\n-------------------------------------")
        print(f"0 | net   | Sequential | {trainable}\n-------------------------------------")
        print(f"{trainable / 1e3:.1f} K    Trainable params\n0         Non-trainable params")
        for epoch in range(self.max_epochs):
            self._epoch(module, optimizer, train_loader, epoch)
            self._validate(module, val_loader)
            self._bar(module, epoch, len(train_loader), len(train_loader), self.start)
            self.file.write("\n")
            if scheduler is not None:
                scheduler.step()
        print(f"`Trainer.fit` stopped: `max_epochs={self.max_epochs}` reached.")

    def _epoch(self, module, optimizer, loader, epoch):
        module.train()
        self.start = time.perf_counter()
        for i, batch in enumerate(loader):
            loss = module.training_step(batch, i) / self.accumulate
            loss.backward()
            if (i + 1) % self.accumulate == 0:
                if self.clip:
                    torch.nn.utils.clip_grad_norm_(module.parameters(), self.clip)
                optimizer.step()
                optimizer.zero_grad()
            self._bar(module, epoch, i + 1, len(loader), self.start)

    @torch.no_grad()
    def _validate(self, module, loader):
        module.eval()
        totals = {}
        for i, batch in enumerate(loader):
            self.file.write(f"\rValidation DataLoader 0: {100 * (i + 1) // len(loader):3d}%")
            module.validation_step(batch, i)
            for name, value in module.logged.items():
                if name.startswith("val_"):
                    totals.setdefault(name, []).append(value)
        self.file.write("\r" + " " * 40)
        module.logged.update({name: sum(values) / len(values) for name, values in totals.items()})

    def _bar(self, module, epoch, done, total, start):
        seconds = max(time.perf_counter() - start, 1e-6)
        full = "█" * (10 * done // total)
        metrics = ", ".join(f"{name}={value:.3f}" for name, value in module.logged.items())
        self.file.write(
            f"\rEpoch {epoch}: {100 * done // total:3d}%|{full:<10}| {done}/{total} "
            f"[{int(seconds) // 60:02d}:{int(seconds) % 60:02d}<00:00, {done / seconds:.2f}it/s, v_num=0, {metrics}]"
        )
        self.file.flush()
