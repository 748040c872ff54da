"""What happened to a trial, and what to change: signals, then rules, then words. No LLM is needed."""
