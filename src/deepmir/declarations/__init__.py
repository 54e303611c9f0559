"""The declarations of `params.yaml`: their schema, how they are read, and what is checked."""
