"""People as files, written while they are read."""
