"""Input and output: recordings, annotations in JAMS, arrays in HDF5."""
