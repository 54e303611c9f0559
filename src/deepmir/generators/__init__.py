"""Networks that generate: what learns from music to make it (tutorial, appendix A)."""
