"""Where the music comes from: scores, MIDI files, drum grooves."""
