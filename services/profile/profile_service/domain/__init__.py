"""Pure values and planners: no I/O, no clock, no randomness."""
