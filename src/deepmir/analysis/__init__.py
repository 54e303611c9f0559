"""What the trained networks know about a recording: `deepmir.analyze` and `deepmir analyze`."""
