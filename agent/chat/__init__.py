"""Talking about a study: the person's questions, the tools that answer them, the cards that change things."""
