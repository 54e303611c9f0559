"""Sequence to sequence (tutorial, A.5, Figure 15): symbols, decoder and search.

This package does not depend on models, declarations or files of the pipeline:
`deepmir.models.sequence` puts an encoder in the notation before the decoder, and
`deepmir.training.sequence` trains both.
"""
