"""What runs in the bridge's thread: serves requests, follows the store and the logs, tells what is new."""
