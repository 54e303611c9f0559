"""Published data sets, by the loaders of `mirdata`: docs/how-to/published-sets.md."""
