"""A service may say and hear on the bus what its code says and hears, and nothing else."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chassis.bus import STREAMS
from waypost_dev import keyfiles

from tests.unit.deploy.manifests import K8S, ROOT, SERVICES
from tests.unit.deploy.test_settings import settings_of

USERS = (K8S / "components" / "nats" / "users.conf").read_text()


def named(service: str) -> set[str]:
    """The streams that the service's code names."""
    package = ROOT / "services" / service / f"{service}_service"
    trees = (ast.parse(file.read_text()) for file in package.rglob("*.py"))
    texts = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return texts & STREAMS.keys()


def read(service: str, folder: Path) -> set[str]:
    """The streams that the service consumes."""
    if service == "gateway":
        return set()
    secret = folder / "service.secret"
    keyfiles.ensure_secret(secret)
    keys = keyfiles.ensure_keys(folder / "keys.json")
    settings = settings_of(service)(postgres_url="", service_secret_file=secret, keys_file=keys)
    built = importlib.import_module(f"{service}_service.app").build(settings, frozenset({"work"}))
    return {consumer._stream for consumer in built.consumers}


def publishes(reads: set[str], writes: set[str]) -> Iterator[str]:
    for stream in reads | writes:
        yield from (f"$JS.API.STREAM.{verb}.{stream}" for verb in ("INFO", "CREATE"))
    for stream in writes:
        yield from (f"{stream}.*.*", f"wake.{stream}.bulk")
    for stream in reads:
        yield from (f"$JS.API.CONSUMER.{verb}.{stream}.*" for verb in ("DURABLE.CREATE", "INFO", "MSG.NEXT"))
        yield f"$JS.ACK.{stream}.>"


def allowed(service: str, verb: str) -> list[str]:
    (user,) = re.findall(rf"nkey: \${service.upper()}_NKEY\n(.*?)nkey:", USERS + "nkey:", re.DOTALL)
    (listed,) = re.findall(rf"{verb}: \[(.*?)\]", user, re.DOTALL)
    return sorted(re.findall(r'"(.+?)"', listed))


@pytest.mark.parametrize("service", SERVICES)
async def test_the_lists_are_what_the_code_does(service: str, tmp_path: Path) -> None:
    reads = read(service, tmp_path)
    assert reads <= named(service)
    assert allowed(service, "publish") == sorted(publishes(reads, named(service) - reads))
    assert allowed(service, "subscribe") == sorted(
        [f"_INBOX_{service}.>", *(f"wake.{s}.bulk" for s in reads)]
    )


def test_nobody_else_may_enter() -> None:
    assert len(re.findall("nkey:", USERS)) == len(SERVICES)
    assert not re.search("no_auth_user|password|token", USERS)
