"""The gRPC door of dispatch."""
