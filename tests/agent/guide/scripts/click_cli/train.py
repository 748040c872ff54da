"""A denoising autoencoder on the digits; a click command."""

import logging

import click
import torch
from sklearn.datasets import load_digits
from torch import nn

log = logging.getLogger("train")


class Autoencoder(nn.Module):
    def __init__(self, latent_dim, hidden, batch_norm):
        super().__init__()
        norm = [nn.BatchNorm1d(hidden)] if batch_norm else []
        self.encoder = nn.Sequential(nn.Linear(64, hidden), *norm, nn.ReLU(), nn.Linear(hidden, latent_dim))
        self.decoder = nn.Sequential(nn.Linear(latent_dim, hidden), nn.ReLU(), nn.Linear(hidden, 64), nn.Sigmoid())

    def forward(self, x):
        return self.decoder(self.encoder(x))


@click.group()
@click.option("--verbose/--quiet", default=True)
def cli(verbose):
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(asctime)s %(name)s %(message)s")


@cli.command()
@click.argument("out", type=click.Path(), default="model.pt")
@click.option("--lr", default=1e-3, show_default=True, help="Learning rate of Adam.")
@click.option("--beta1", default=0.9, type=click.FloatRange(0, 1, max_open=True))
@click.option("--latent-dim", type=click.IntRange(2, 32), default=8, show_default=True)
@click.option("--hidden", type=int, default=64)
@click.option("--noise-level", default=0.2, type=click.FloatRange(0.0, 0.8), help="Noise added to the input.")
@click.option("--batch-norm/--no-batch-norm", default=False)
@click.option("--loss", "loss_name", type=click.Choice(["mse", "bce"], case_sensitive=False), default="mse")
@click.option("-n", "--epochs", default=15)
@click.option("--batch-size", default=64)
@click.option("--seed", default=0)
@click.option("--save", is_flag=True, help="Keep the weights.")
def train(out, lr, beta1, latent_dim, hidden, noise_level, batch_norm, loss_name, epochs, batch_size, seed, save):
    """Trains the autoencoder; validation error is logged after every epoch."""
    torch.manual_seed(seed)
    x = torch.tensor(load_digits().data).float() / 16
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    x_val, x = x[order[:400]], x[order[400:]]
    model = Autoencoder(latent_dim, hidden, batch_norm)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=(beta1, 0.999))
    loss_of = nn.MSELoss() if loss_name == "mse" else nn.BCELoss()
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for batch in torch.randperm(len(x)).split(batch_size):
            noisy = (x[batch] + noise_level * torch.randn(len(batch), 64)).clamp(0, 1)
            loss = loss_of(model(noisy), x[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        model.eval()
        with torch.no_grad():
            error = nn.functional.mse_loss(model(x_val), x_val).item()
        log.info("epoch %d: train_loss=%.5f, val_mse=%.6f", epoch, total / len(x), error)
    if save:
        torch.save(model.state_dict(), out)


@cli.command()
@click.argument("weights", type=click.Path(exists=True))
def evaluate(weights):
    """Says how many weights a file holds."""
    click.echo(sum(t.numel() for t in torch.load(weights).values()))


if __name__ == "__main__":
    cli()
