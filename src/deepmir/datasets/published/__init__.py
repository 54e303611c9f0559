"""Published data sets, by the loaders of `mirdata`: docs/published.md."""
