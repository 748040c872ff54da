"""Each figure the README quotes, beside its peer, in one run: `python -m benchmarks [NAME …]`."""
