"""Data sets: their tracks, their splits and folds, and the sources that they come from."""
