"""Who may do what at a broker that knows its users, by the very list of the manifests; and TLS from the first byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import nats
import nkeys
import pytest
from chassis.broker_access import BrokerAccess
from chassis.bus import Bus, Source
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from waypost_dev.nats import Nats
from waypost_dev.ports import pick_free

from tests.integration.chassis.harness import until

ROOT = Path(__file__).parents[3]
SERVICES = ("gateway", "profile", "segment", "journey", "scoring", "dispatch")
INGEST = Source("INGEST", "live", 1)


@pytest.fixture(scope="module")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Nats, Path]]:
    """A broker with the users of the manifests, and the folder of their seeds."""
    home = tmp_path_factory.mktemp("guarded")
    lines = []
    for service in SERVICES:
        seed = nkeys.encode_seed(service.ljust(32).encode(), nkeys.PREFIX_BYTE_USER)
        (home / service).write_bytes(seed + b"\n")
        lines.append(f"{service.upper()}_NKEY: {nkeys.from_seed(bytearray(seed)).public_key.decode()}")
    server = Nats(home / "data", pick_free(), home / "log", more="include users.conf")
    (server.data_dir / "keys").mkdir(parents=True)
    (server.data_dir / "keys" / "users.conf").write_text("\n".join(lines))
    users = ROOT / "deploy" / "k8s" / "components" / "nats" / "users.conf"
    (server.data_dir / "users.conf").write_text(users.read_text())
    await server.start()
    yield server, home
    await server.stop("immediate")


@asynccontextmanager
async def connected(url: str, service: str, access: BrokerAccess) -> AsyncIterator[Bus]:
    bus = Bus(url, service, access=access)
    await bus.start()
    try:
        async with asyncio.timeout(20):
            await bus.wait_connected()
        yield bus
    finally:
        await bus.stop()


def user(guarded: tuple[Nats, Path], service: str) -> tuple[str, str, BrokerAccess]:
    return guarded[0].url, service, BrokerAccess(credentials=guarded[1] / service)


async def test_a_service_does_its_work_with_its_seed(guarded: tuple[Nats, Path]) -> None:
    async with (
        connected(*user(guarded, "gateway")) as gateway,
        connected(*user(guarded, "profile")) as profile,
    ):
        heard: list[int] = []
        await gateway.publish("INGEST.bulk.1", b"first", "1")
        await profile.ensure_stream("INGEST")
        await profile.ensure_consumer(INGEST, 0)
        await profile.on_bulk("INGEST", heard.extend)
        await gateway.publish(INGEST.subject, b"second", "2")
        message = await profile.fetch(INGEST, 5)
        assert message is not None
        assert message.data == b"second"
        await message.ack_sync()
        await gateway.publish("INGEST.bulk.1", b"third", "3")
        await profile.publish("PROFILE.live.1", b"out", "4")

        async def woken() -> bool:
            return heard == [1]

        await until(woken)


async def test_a_service_may_not_speak_for_another_nor_listen(guarded: tuple[Nats, Path]) -> None:
    server, home = guarded
    said: asyncio.Queue[str] = asyncio.Queue()

    async def refused(error: Exception) -> None:
        said.put_nowait(str(error))

    options = BrokerAccess(credentials=home / "scoring").options()
    client = await nats.connect(server.url, error_cb=refused, **options)
    try:
        for subject in (
            "SEND.live.1",
            "$JS.API.CONSUMER.MSG.NEXT.INGEST.profile-live-1",
            "$JS.API.STREAM.DELETE.PROFILE",
        ):
            await client.publish(subject, b"")
            told = await asyncio.wait_for(said.get(), 5)
            assert told == f'nats: permissions violation for publish to "{subject.lower()}"'
        for subject in ("_INBOX_journey.>", "PROFILE.>", ">"):
            await client.subscribe(subject)
            assert "permissions violation for subscription" in await asyncio.wait_for(said.get(), 5)
    finally:
        await client.close()


async def stays_outside(url: str, access: BrokerAccess) -> None:
    bus = Bus(url, "gateway", access=access)
    await bus.start()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bus.wait_connected(), 1)
    await bus.stop()


async def test_strangers_stay_outside(guarded: tuple[Nats, Path]) -> None:
    server, home = guarded
    seed = home / "stranger"
    seed.write_bytes(nkeys.encode_seed(b"s" * 32, nkeys.PREFIX_BYTE_USER))
    strangers = (BrokerAccess(), BrokerAccess(credentials=seed))
    await asyncio.gather(*(stays_outside(server.url, access) for access in strangers))


def test_a_file_with_a_jwt_is_handed_to_the_client(tmp_path: Path) -> None:
    file = tmp_path / "user.creds"
    file.write_text("-----BEGIN NATS USER JWT-----\ne30\n------END NATS USER JWT------\n")
    assert BrokerAccess(credentials=file).options() == {"user_credentials": str(file)}


def test_a_file_that_is_no_credentials_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "seed"
    file.write_text("UAAAA")
    with pytest.raises(ValueError, match="holds neither"):
        BrokerAccess(credentials=file).options()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two authorities, `mine.pem` and `foreign.pem`, and a server's key and certificate of mine."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("mine", "foreign"):
        key = ec.generate_private_key(ec.SECP256R1())
        own = _certificate(name, key.public_key(), name, key, authority=True)
        (folder / f"{name}.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))
        if name == "mine":
            server = ec.generate_private_key(ec.SECP256R1())
            signed = _certificate("localhost", server.public_key(), name, key, authority=False)
            (folder / "server.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
            (folder / "server.key").write_bytes(
                server.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
    return folder


def _certificate(
    subject: str,
    public: ec.EllipticCurvePublicKey,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
        .sign(key, hashes.SHA256())
    )


async def test_the_broker_must_prove_itself(certificates: Path, tmp_path: Path) -> None:
    tls = (
        f"tls {{ cert_file: '{certificates}/server.pem', key_file: '{certificates}/server.key', "
        "handshake_first: auto }"
    )
    server = Nats(tmp_path / "data", pick_free(), tmp_path / "log", more=tls)
    plain = Nats(tmp_path / "plain", pick_free(), tmp_path / "plain.log")
    await server.start()
    await plain.start()
    try:
        mine, foreign = (BrokerAccess(ca=certificates / f"{name}.pem") for name in ("mine", "foreign"))
        address = f"nats://localhost:{server.port}"
        async with connected(address, "gateway", mine) as bus:
            assert (await bus.ensure_stream("INGEST")).last_sequence == 0
        # One that the authority does not know, and one that would speak plainly.
        await asyncio.gather(stays_outside(address, foreign), stays_outside(plain.url, mine))
    finally:
        await server.stop("immediate")
        await plain.stop("immediate")


async def test_the_database_must_prove_itself(certificates: Path) -> None:
    """As far as TLS goes: the embedded server has none, so a door that only shakes hands stands in for it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    shaken: asyncio.Queue[bool] = asyncio.Queue()

    async def door(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"S")
        try:
            await writer.start_tls(context)
            shaken.put_nowait(bool(await reader.read(4)))
        except (OSError, ssl.SSLError):
            shaken.put_nowait(False)
        writer.close()

    async with await asyncio.start_server(door, "localhost", 0) as server:
        port = server.sockets[0].getsockname()[1]
        for authority, known in (("mine", True), ("foreign", False)):
            query = f"sslmode=verify-full&sslrootcert={certificates}/{authority}.pem"
            with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
                await asyncpg.connect(f"postgresql://me:it@localhost:{port}/mine?{query}", timeout=5)
            assert await asyncio.wait_for(shaken.get(), 5) is known
