"""What the other pages show: compared trials, the ledger, lessons, settings, importances."""
