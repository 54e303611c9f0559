"""From activations back to annotations: one file a decoder, none knows the network before it."""
