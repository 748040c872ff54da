"""How good the searches are: on recorded tables, on live tasks, under advisers good and bad, beside their peers.

    python -m benchmarks.search run --tasks hpobench --methods gp,guided --seeds 10 --trials 30
    python -m benchmarks.search report

docs/search.md has the protocol and the figures.
"""
