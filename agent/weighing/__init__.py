"""What a person needs to weigh a proposal: how it differs from what was tried, what it takes, what it risks."""
