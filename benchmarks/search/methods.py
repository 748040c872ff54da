"""Methods by name: `gp`, `guided+portfolio`, `guided+bad`, `gp+naive+bad`, `optuna-tpe`, `smac`."""

from __future__ import annotations

from dataclasses import dataclass

from agent.search import catalog
from benchmarks.search import peers
from benchmarks.search.advisers import ADVISERS
from benchmarks.search.portfolios import PORTFOLIOS
from benchmarks.search.searches import Ours, Search
from benchmarks.search.task import Task
from trainers.errors import TunewrightError

PEERS = ("optuna-random", "optuna-tpe", "optuna-gp", "optuna-cmaes", "optuna-tpe-ordinal", "optuna-gp-ordinal")


@dataclass(frozen=True)
class Method:
    """A search, what it starts from, who advises it. `naive` takes the adviser at its word."""

    search: str
    portfolio: str | None = None
    adviser: str | None = None
    naive: bool = False

    def start(self, task: Task, seed: int) -> Search:
        if self.search in PEERS:
            return peers.optuna_peer(task, self.search.removeprefix("optuna-"), seed)
        return Ours(
            task,
            self.search,
            seed,
            portfolio=PORTFOLIOS[self.portfolio](task) if self.portfolio else (),
            adviser=ADVISERS[self.adviser] if self.adviser else None,
            gated=not self.naive,
        )


def method(name: str) -> Method:
    """Reads a name. Raises TunewrightError saying which part of it is unknown."""
    search, *options = name.split("+")
    known = (*catalog.names(), *PEERS)
    if search not in known:
        raise TunewrightError(f"there is no search '{search}'", where=name, remedy=f"Known: {', '.join(known)}.")
    portfolio = adviser = None
    for option in options:
        if option in PORTFOLIOS:
            portfolio = option
        elif option in ADVISERS:
            adviser = option
        elif option != "naive":
            raise TunewrightError(
                f"'{option}' is neither a portfolio nor an adviser",
                where=name,
                remedy=f"Known: {', '.join((*PORTFOLIOS, *ADVISERS, 'naive'))}.",
            )
    return Method(search, portfolio, adviser, "naive" in options)
