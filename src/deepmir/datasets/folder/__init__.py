"""Your own recordings: a folder of audio files with annotations beside them."""
