"""A command line made with click, and a Gaussian likelihood that goes below zero; or a noisy bandit."""

import json

import click
import numpy as np


@click.command()
@click.option("--rate", type=float, required=True)
@click.option("--rounds", type=click.IntRange(1, 2000), default=300)
@click.option("--mode", type=click.Choice(["likelihood", "bandit"]), default="likelihood")
@click.option("--quiet", is_flag=True)
@click.option("--source", default="")
def train(rate: float, rounds: int, mode: str, quiet: bool, source: str) -> None:
    rng = np.random.default_rng(0)
    if source:
        try:
            values = np.loadtxt(source)
        except OSError as error:
            raise RuntimeError("could not build the dataset") from error
    values = rng.normal(3.0, 0.05, 500)
    mean, log_sd, weights = 0.0, 0.5, np.zeros(5)
    arms = np.array([0.1, 0.3, 0.2, 0.8, 0.4])
    for n in range(rounds):
        if mode == "likelihood":
            batch = rng.choice(values, 64)
            sd = np.exp(log_sd)
            nll = float(np.mean(0.5 * ((batch - mean) / sd) ** 2 + log_sd))
            mean += rate * float(np.mean(batch - mean))
            log_sd += rate * float(np.clip(np.mean(((batch - mean) / sd) ** 2) - 1, -1, 1)) * 0.2
            line = {"step": n, "nll": nll}
        else:
            chances = np.exp(weights - weights.max()) / np.exp(weights - weights.max()).sum()
            picks = rng.choice(5, 20, p=chances)
            rewards = rng.random(20) < arms[picks]
            for arm, reward in zip(picks, rewards, strict=True):
                weights[arm] += rate * (reward - 0.35)
            line = {"step": n, "mean_reward": float(rewards.mean())}
        if not quiet:
            print(json.dumps(line))


if __name__ == "__main__":
    train()
