"""What the gateway stored, read from the broker as profile reads it."""

from pathlib import Path

import nats
from chassis.crypto import Ciphers, FileKeyProvider
from chassis.sealed import open_batch
from waypost.profile.v1 import ingest_pb2
from waypost_dev.stack import Stack


async def ingested(stack: Stack, user: str) -> list[ingest_pb2.IngestRecord]:
    """Every record that names the user, in stream order."""
    ciphers = Ciphers(FileKeyProvider(Path(stack.env["WAYPOST_KEYS_FILE"])))
    client = await nats.connect(stack.env["WAYPOST_NATS_URL"])
    try:
        stream = client.jetstream()
        state = (await stream.stream_info("INGEST")).state
        found = []
        for sequence in range(state.first_seq or 1, state.last_seq + 1):
            message = await stream.get_msg("INGEST", sequence)
            assert message.data
            batch = open_batch(ciphers, message.data)
            found += [ingest_pb2.IngestRecord.FromString(record) for record in batch.records]
        return [record for record in found if user in {one.value for one in record.identifiers}]
    finally:
        await client.close()
