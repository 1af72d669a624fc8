"""All SQL of dispatch."""
