"""`python -m tests.integration.chassis.replica`: a whole service process around the keyed handler."""

import asyncio
import os
import sys
from pathlib import Path

from chassis import logs
from chassis.parts import Parts
from chassis.service import Service
from chassis.settings import ServiceSettings

from tests.integration.chassis.keyed import KeyedHandler


def build(name: str) -> Service:
    settings = ServiceSettings(
        listen=os.environ["REPLICA_LISTEN"],
        postgres_url=os.environ["REPLICA_POSTGRES_URL"],
        nats_url=os.environ["REPLICA_NATS_URL"],
        service_secret_file=Path(os.environ["REPLICA_SECRET_FILE"]),
    )
    parts = Parts.of(name, settings)
    consumer = parts.consumer("SEND", KeyedHandler(name))
    return parts.service(frozenset({"rpc", "work"}), [], [consumer])


async def main() -> int:
    return await build(os.environ["REPLICA_NAME"]).run()


if __name__ == "__main__":
    logs.configure("replica")
    sys.exit(asyncio.run(main()))
