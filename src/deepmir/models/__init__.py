"""A network for a task with what it needs to be used: its card, its loss, its inference."""
