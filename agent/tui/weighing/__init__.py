"""What a card says beyond its proposal: differences, cost, risks."""
