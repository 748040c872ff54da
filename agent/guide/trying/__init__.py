"""The short try of a script: runs it as a trial would, and reads metrics, speed and memory off what it does."""
