"""From activations back to annotations: one file per decoder, none of which knows the network."""
