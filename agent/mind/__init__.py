"""The process in which the agent thinks: models are imported and called there, away from any screen."""
