"""Which configs that did well elsewhere a search is told of, never from the data set it is judged on."""

from __future__ import annotations

from benchmarks.search.searches import PortfolioFor

PORTFOLIOS: dict[str, PortfolioFor] = {}
