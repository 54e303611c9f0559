"""Analysis of recordings with trained networks: `deepmir.analyze` and `deepmir analyze`."""
