"""All SQL of journey."""
