"""One widget a file; they show the model and post messages, and never touch the store."""
