"""Sources of music: scores, MIDI files, drum grooves."""
