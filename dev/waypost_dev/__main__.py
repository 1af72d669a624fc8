"""python -m waypost_dev up | down | status | observe | logs [name] | reset | demo"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - to say so instead of a SyntaxError further on
    sys.exit(
        "Waypost needs Python 3.11 or newer, this is "
        + sys.version.split()[0]
        + "\n  cure: make PYTHON=python3.12 up"
    )

import argparse
import asyncio
import os
from pathlib import Path

from waypost_dev import commands, supervisor
from waypost_dev.errors import DevError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="waypost_dev", description="Run Waypost on this machine.")
    home = os.environ.get("WAYPOST_HOME", ".waypost")
    parser.add_argument("--home", type=Path, default=Path(home), help="state directory (default: .waypost)")
    verbs = parser.add_subparsers(
        dest="verb", required=True, metavar="up|down|status|observe|logs|reset|demo"
    )
    verbs.add_parser("up", help="start everything in the background and wait until it is ready")
    verbs.add_parser("down", help="stop everything, callers first, engines last")
    verbs.add_parser("status", help="show the processes and whether they are ready")
    observe = verbs.add_parser("observe", help="rates, delays, backlogs and limits of what runs, live")
    observe.add_argument("--once", action="store_true", help="print one page and end")
    observe.add_argument("--lang", choices=("en", "zh"), help="language of the page (default: LANG)")
    logs = verbs.add_parser("logs", help="follow one log, or all")
    logs.add_argument("name", nargs="?", help="postgres, nats, profile, …, supervisor")
    logs.add_argument("--no-follow", action="store_true", help="show the last lines and return")
    verbs.add_parser("reset", help="stop, and remove all data of this checkout")
    demo = verbs.add_parser("demo", help="play the demo")
    demo.add_argument(
        "--exit", action="store_true", help="stop the platform afterwards, if the demo started it"
    )
    serve = verbs.add_parser("serve")  # what `up` runs in the background; not for people
    serve.add_argument("report_fd", type=int)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    home = arguments.home.resolve()
    match arguments.verb:
        case "up":
            return commands.up(home)
        case "down":
            return commands.down(home)
        case "status":
            return commands.status(home)
        case "observe":
            return commands.observe(home, once=arguments.once, lang=arguments.lang)
        case "logs":
            return commands.logs(home, arguments.name, follow=not arguments.no_follow)
        case "reset":
            return commands.reset(home)
        case "demo":
            return commands.demo(home, stay=not arguments.exit)
        case _:
            return asyncio.run(supervisor.serve(home, arguments.report_fd))


def main() -> int:
    try:
        return _run(_parser().parse_args())
    except DevError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `up | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
