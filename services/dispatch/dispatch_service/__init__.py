"""Dispatch: intentions become messages, and every message one outcome."""
