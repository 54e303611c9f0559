"""Real recordings that are free to use, to see what carries over: docs/history.md."""
