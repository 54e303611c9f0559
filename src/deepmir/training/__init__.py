"""Training of networks and fitting of baselines."""
