"""A network for a task with everything needed to use it: card, loss, inference."""
