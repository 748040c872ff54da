"""Language models behind one client: hosted, self-hosted and local ones alike, each call in the ledger."""
