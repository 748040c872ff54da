"""A policy-gradient agent on a corridor of its own, in the style of one-file reinforcement learning."""

import argparse
import csv
import os
from dataclasses import dataclass, field, fields

import torch
from torch import nn


@dataclass
class Config:
    exp_name: str = os.path.basename(__file__)
    """the name of this experiment"""
    seed: int = 1
    learning_rate: float = 1e-2
    """the learning rate of the optimizer"""
    gamma: float = 0.97
    """the discount factor"""
    entropy_coef: float = 0.01
    """coefficient of the entropy"""
    hidden_size: int = 32
    num_updates: int = 60
    episodes: int = 16
    """episodes per update"""
    normalize: bool = True
    log_file: str = "progress.csv"
    tags: list = field(default_factory=list)


def parse_config():
    parser = argparse.ArgumentParser()
    for f in fields(Config):
        if f.type in (int, float, str):
            parser.add_argument(f"--{f.name}", type=f.type, default=f.default)
        elif f.type is bool:
            parser.add_argument(f"--{f.name}", type=lambda text: text.lower() == "true", default=f.default)
    return Config(**vars(parser.parse_args()))


class Corridor:
    """Seven cells; the right end pays 1, the left end 0.2, each step costs a little."""

    size = 7

    def __init__(self, generator):
        self.generator = generator

    def reset(self):
        self.at = 1 + int(torch.randint(0, 3, (1,), generator=self.generator))
        return self.observation()

    def observation(self):
        return nn.functional.one_hot(torch.tensor(self.at), self.size).float()

    def step(self, action):
        self.at += 1 if action == 1 else -1
        done = self.at in (0, self.size - 1)
        reward = {0: 0.2, self.size - 1: 1.0}.get(self.at, -0.02)
        return self.observation(), reward, done


def episode(env, policy, cfg):
    observation, log_probs, entropies, rewards = env.reset(), [], [], []
    for _ in range(40):
        distribution = torch.distributions.Categorical(logits=policy(observation))
        action = distribution.sample()
        observation, reward, done = env.step(action.item())
        log_probs.append(distribution.log_prob(action))
        entropies.append(distribution.entropy())
        rewards.append(reward)
        if done:
            break
    returns, total = [], 0.0
    for reward in reversed(rewards):
        total = reward + cfg.gamma * total
        returns.insert(0, total)
    return torch.stack(log_probs), torch.stack(entropies), torch.tensor(returns), sum(rewards)


def main():
    cfg = parse_config()
    torch.manual_seed(cfg.seed)
    env = Corridor(torch.Generator().manual_seed(cfg.seed))
    policy = nn.Sequential(nn.Linear(Corridor.size, cfg.hidden_size), nn.Tanh(), nn.Linear(cfg.hidden_size, 2))
    optimizer = torch.optim.Adam(policy.parameters(), lr=cfg.learning_rate)
    with open(cfg.log_file, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["update", "mean_return", "policy_loss", "entropy"])
        for update in range(cfg.num_updates):
            played = [episode(env, policy, cfg) for _ in range(cfg.episodes)]
            returns = torch.cat([p[2] for p in played])
            if cfg.normalize:
                returns = (returns - returns.mean()) / (returns.std() + 1e-8)
            entropy = torch.cat([p[1] for p in played]).mean()
            loss = -(torch.cat([p[0] for p in played]) * returns).mean() - cfg.entropy_coef * entropy
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            mean = sum(p[3] for p in played) / len(played)
            writer.writerow([update, mean, loss.item(), entropy.item()])
            file.flush()
            print(f"update={update}, episodic_return={mean:.3f}, entropy={entropy.item():.3f}")


if __name__ == "__main__":
    main()
