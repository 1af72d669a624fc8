"""Hosted forms: what they ask, the page that asks it, and what becomes of an answer."""
