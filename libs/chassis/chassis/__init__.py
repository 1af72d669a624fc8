"""The runtime that every service shares: tenancy, transactions, the bus, gRPC, health. No business word in it."""
