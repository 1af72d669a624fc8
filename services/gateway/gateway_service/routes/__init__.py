"""REST over the other services: a request model, one call, a response model."""
