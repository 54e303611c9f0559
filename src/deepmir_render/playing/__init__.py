"""Notes as sound: performance, instruments, synthesis."""
