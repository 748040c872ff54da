"""The page of one trial: its words, and how it is kept up to date."""
