"""What Snakemake and DVC have to know: what can run, what depends on what code, what is shipped."""
