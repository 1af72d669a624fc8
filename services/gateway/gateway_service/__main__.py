"""`python -m gateway_service serve | migrate | check | create-workspace --name X`."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

import uvloop
from chassis import logs, tracing
from chassis.database import Database
from chassis.errors import ServiceError
from chassis.settings import MigrateSettings

from gateway_service.settings import Settings, StoreSettings
from gateway_service.store.keys import KeyStore, NameTaken, NewWorkspace

MIGRATIONS = Path(__file__).parent / "migrations"


def main() -> int:
    parser = argparse.ArgumentParser(prog="gateway_service")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the gateway")
    commands.add_parser("migrate", help="bring the database to this release's schema")
    commands.add_parser("check", help="read the settings, build everything, exit")
    create = commands.add_parser("create-workspace", help="make a workspace and print its keys, once")
    create.add_argument("--name", required=True)
    arguments = parser.parse_args()
    logs.configure("gateway")
    match arguments.command:
        case "serve":
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(_serve())
        case "migrate":
            from chassis import migrations  # needed here only

            migrations.upgrade(MigrateSettings.of("gateway").migrate_url, MIGRATIONS)
        case "check":
            asyncio.run(_check())
        case "create-workspace":
            return asyncio.run(_create_workspace(arguments.name))
    return 0


async def _serve() -> int:
    from gateway_service.app import build  # the other commands start without the web framework

    tracing.configure("gateway")
    return await build(Settings()).run()


async def _check() -> None:
    from gateway_service.app import build

    build(Settings())


async def _create_workspace(name: str) -> int:
    if not name.strip() or len(name) > 200 or "\0" in name:
        return _refused("the name must have 1 to 200 characters")
    database = Database(StoreSettings().postgres_url, pool_size=1)
    await database.start()
    try:
        created = await KeyStore(database).create_workspace(name)
    except NameTaken:
        return _refused(f"a workspace named {name!r} exists; its keys were printed when it was made")
    except ServiceError as error:
        return _refused(error.message)
    finally:
        await database.stop()
    print(_line(created))  # noqa: T201 - the command's answer
    return 0


def _line(created: NewWorkspace) -> str:
    return json.dumps(
        {
            "workspace_id": str(created.workspace_id),
            "write_key": created.write_key,
            "secret_key": created.secret_key,
        }
    )


def _refused(why: str) -> int:
    sys.stderr.write(f"create-workspace: {why}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
