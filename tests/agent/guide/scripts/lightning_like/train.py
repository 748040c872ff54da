"""Wine cultivars from thirteen measurements, with a LightningModule."""

import torch
from options import parse_args
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from trainer import LightningModule, Trainer

ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh}


class WineModule(LightningModule):
    def __init__(self, args):
        super().__init__()
        self.args = args
        layers, width = [], 13
        for _ in range(args.num_layers):
            layers += [nn.Linear(width, args.hidden_dim), ACTIVATIONS[args.activation](), nn.Dropout(args.dropout_rate)]
            width = args.hidden_dim
        self.net = nn.Sequential(*layers, nn.Linear(width, 3))
        self.loss = nn.CrossEntropyLoss()

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = self.loss(self.net(x), y)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self.net(x)
        self.log("val_loss", self.loss(logits, y), prog_bar=True)
        self.log("val_acc", (logits.argmax(1) == y).float().mean(), prog_bar=True)

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.args.learning_rate, weight_decay=self.args.weight_decay
        )
        if self.args.lr_scheduler == "none":
            return optimizer
        if self.args.lr_scheduler == "cosine":
            return optimizer, torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.args.max_epochs)
        return optimizer, torch.optim.lr_scheduler.StepLR(optimizer, 4, 0.3)


def loaders(batch_size):
    x, y = load_wine(return_X_y=True)
    parts = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
    scaler = StandardScaler().fit(parts[0])
    for features, labels, shuffle in ((parts[0], parts[2], True), (parts[1], parts[3], False)):
        data = TensorDataset(torch.tensor(scaler.transform(features)).float(), torch.tensor(labels))
        yield DataLoader(data, batch_size=batch_size, shuffle=shuffle)


def main():
    args = parse_args()
    torch.manual_seed(42)
    train_loader, val_loader = loaders(args.batch_size)
    trainer = Trainer(args.max_epochs, args.gradient_clip_val, args.accumulate_grad_batches)
    trainer.fit(WineModule(args), train_loader, val_loader)


if __name__ == "__main__":
    main()
