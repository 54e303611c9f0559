"""Information for Snakemake and DVC: what can run, code dependencies, shipped networks."""
