"""Puts the parts together, runs them until a signal, and stops them in reverse."""

import asyncio
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from aiohttp import web

from waypost_sandbox import log
from waypost_sandbox.control import Control
from waypost_sandbox.database import Database
from waypost_sandbox.faults import Faults, Panel, changed
from waypost_sandbox.inbound import refused
from waypost_sandbox.mail import MailServer
from waypost_sandbox.mails import SCHEMA as MAIL_SCHEMA
from waypost_sandbox.mails import MailStore
from waypost_sandbox.messages import Refused
from waypost_sandbox.receipts import Courier
from waypost_sandbox.settings import Settings
from waypost_sandbox.sms import Sms
from waypost_sandbox.store import SCHEMA, Store
from waypost_sandbox.usage import UsageBook

DRAIN_SECONDS = 10.0
# Room for a full batch with every character escaped.
LARGEST_BODY = 4 * 1024 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def serve(settings: Settings) -> int:
    """Runs until SIGTERM or SIGINT (0), or until a part of it dies (1)."""
    stopping, ready, died = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def on_death() -> None:
        died.set()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        usage, mail_usage = UsageBook("messages"), UsageBook("mails")

        def forget() -> None:
            """A rolled back admission must not count."""
            usage.clear()
            mail_usage.clear()

        database = Database(settings.data_dir / "sandbox.db", SCHEMA + MAIL_SCHEMA, on_rollback=forget)
        stack.push_async_callback(database.close)
        store, mails = Store(database, usage), MailStore(database, mail_usage)
        courier = Courier(store, settings.secret, on_death)
        stack.push_async_callback(courier.stop)
        courier.start()
        panel = Panel(changed(Faults(), await store.load_control()))
        mail_server = MailServer(mails, panel, courier, settings.report_base)
        sms = Sms(settings.secret, store, panel, courier)
        control = Control(store, mails, panel, courier, lambda: sms.refused + mail_server.refused)
        app = application(sms, control, ready)
        smtp = await mail_server.listen(settings.host, settings.smtp_port)
        stack.callback(smtp.close)
        address = await _listen(stack, app, settings)
        log.line("start", listen=address, smtp=f"{settings.host}:{smtp.sockets[0].getsockname()[1]}")
        await courier.resume()
        ready.set()
        await stopping.wait()
        ready.clear()
    log.line("stop", died=died.is_set())
    return int(died.is_set())


def application(sms: Sms, control: Control, ready: asyncio.Event) -> web.Application:
    app = web.Application(middlewares=[_errors_as_json], client_max_size=LARGEST_BODY)
    for part in (sms, control):
        app.add_routes(part.routes())

    async def livez(request: web.Request) -> web.Response:
        return web.json_response({"status": "live"})

    async def readyz(request: web.Request) -> web.Response:
        status = "ready" if ready.is_set() else "stopping"
        return web.json_response({"status": status}, status=200 if ready.is_set() else 503)

    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz)])
    return app


async def _listen(stack: AsyncExitStack, app: web.Application, settings: Settings) -> str:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_SECONDS)
    stack.push_async_callback(runner.cleanup)
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port).start()
    host, port = runner.addresses[0][:2]
    return f"{host}:{port}"


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as error:
        return refused(error.refusal)
    except web.HTTPException as error:
        code = error.reason.upper().replace(" ", "_")
        return web.json_response({"code": code, "message": error.reason}, status=error.status)
    except sqlite3.Error as error:
        log.line("store failed", error=error)
        return web.json_response({"code": "STORE_FAILED", "message": "Not stored."}, status=500)
