"""Published data sets, through the loaders of `mirdata`: docs/how-to/published-sets.md."""
