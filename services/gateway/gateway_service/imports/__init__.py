"""Files of people or events: read whatever way they were written, checked, tried out, and loaded by the bulk lane."""
