"""What is read and written: recordings, annotations in JAMS, arrays in HDF5."""
