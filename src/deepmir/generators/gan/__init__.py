"""Generative adversarial networks of patches of a spectrogram (tutorial, section A.2)."""
