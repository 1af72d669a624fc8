"""Waypost's provider double: an honest SMS provider small enough to read in one sitting."""
