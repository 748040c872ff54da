"""From a training script to its study file: reads it, guesses a space, tries it for some seconds, writes study.toml."""
