"""The chat as coloured lines: Markdown, notes of the journal, turns, scores, questions, completion."""
