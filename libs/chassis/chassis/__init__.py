"""The runtime that every service shares: tenancy, transactions, the bus, gRPC, health. No business word in it."""

import os

# gRPC reads it when it is imported, and whatever comes first of ours comes through here. With it a process that is
# started while gRPC is busy dies now and then before it begins: gRPC's handlers run in it, between fork and exec.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
