"""From notes to sound: performance, instruments, synthesis."""
