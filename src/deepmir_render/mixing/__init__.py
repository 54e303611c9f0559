"""From tracks to a recording: mixing, effects, rooms."""
