"""`serve [--roles rpc,work] | migrate | check`: what each service's __main__ runs.

The service itself is imported only where it is needed: a migration starts without gRPC, NATS and the rest.
"""

import argparse
import asyncio
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from chassis import logs, tracing
from chassis.settings import MigrateSettings, ServiceSettings

if TYPE_CHECKING:
    from chassis.service import Service


def main(name: str, settings_type: type[ServiceSettings]) -> None:
    """Runs the command line of the service in package `<name>_service`; its app.build is the composition root."""
    parser = argparse.ArgumentParser(prog=f"{name}_service")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the service")
    serve.add_argument("--roles", default="rpc,work", help="comma-separated: rpc, work")
    commands.add_parser("migrate", help="bring the database to this release's schema")
    commands.add_parser("check", help="read the settings, build everything, exit")
    arguments = parser.parse_args()
    logs.configure(name)
    if arguments.command == "migrate":
        from chassis import migrations

        package = importlib.import_module(f"{name}_service")
        folder = Path(str(package.__file__)).parent / "migrations"
        migrations.upgrade(MigrateSettings.of(name).migrate_url, folder)
        return
    settings = settings_type()
    roles = frozenset(arguments.roles.split(",")) if arguments.command == "serve" else frozenset({"rpc"})
    if not roles <= {"rpc", "work"}:
        parser.error("--roles takes rpc, work or both")
    tracing.configure(name)
    sys.exit(_run(f"{name}_service.app", settings, roles, check=arguments.command == "check"))


def _run(app: str, settings: ServiceSettings, roles: frozenset[str], *, check: bool) -> int:
    import uvloop

    async def serve() -> int:
        service: Service = importlib.import_module(app).build(settings, roles)
        return 0 if check else await service.run()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve())
