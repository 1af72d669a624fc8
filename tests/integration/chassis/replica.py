"""`python -m tests.integration.chassis.replica`: a whole service process around the keyed handler."""

import asyncio
import os
import sys
from pathlib import Path

import uvloop
from chassis import logs, service
from chassis.parts import Parts
from chassis.settings import ServiceSettings

from tests.integration.chassis.keyed import KeyedHandler


def build(name: str) -> service.Service:
    settings = ServiceSettings(
        listen=os.environ["REPLICA_LISTEN"],
        postgres_url=os.environ["REPLICA_POSTGRES_URL"],
        nats_url=os.environ["REPLICA_NATS_URL"],
        service_secret_file=Path(os.environ["REPLICA_SECRET_FILE"]),
    )
    parts = Parts.of(name, settings)
    consumer = parts.consumer("SEND", KeyedHandler(name))
    return parts.service(frozenset({"rpc", "work"}), [], [consumer])


async def serve() -> int:
    return await build(os.environ["REPLICA_NAME"]).run()


if __name__ == "__main__":
    logs.configure("replica")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(serve()))
