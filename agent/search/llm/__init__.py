"""What a language model proposes, checked before anybody sees it."""
