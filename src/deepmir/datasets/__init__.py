"""Data sets: their tracks, splits, folds and sources."""
