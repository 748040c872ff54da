"""store.sqlite: plain functions over one SQLite file, by noun."""
