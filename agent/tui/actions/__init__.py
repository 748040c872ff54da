"""What each command does: plain functions of the app and the words after the slash command."""
