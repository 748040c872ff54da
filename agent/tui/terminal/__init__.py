"""The terminal beside the screen: titles and bells, what it sends, how it may go away."""
