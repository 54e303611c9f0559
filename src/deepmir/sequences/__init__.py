"""Sequence to sequence (tutorial, A.5, Figure 15): symbols, the decoder that writes them, search.

Nothing here knows of models, declarations or files of the line: `deepmir.models.sequence` puts an
encoder in the notation before the decoder, `deepmir.training.sequence` trains both.
"""
