"""Ingestion: bodies of the Segment spec become sealed batches of INGEST."""
