"""From recordings to the input of networks: downmix, representations in HDF5, excerpts."""
