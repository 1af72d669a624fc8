"""The development supervisor: runs Waypost's engines and services on one machine, for people and for tests."""
