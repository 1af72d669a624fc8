"""Ways out: a file a provider, found through the registry."""
