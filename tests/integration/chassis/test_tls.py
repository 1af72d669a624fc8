"""gRPC over TLS: who has no certificate of ours is nobody, and whoever has one is only themselves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import grpc
import pytest
from chassis.clock import SystemClock
from chassis.context import ContextSigner, current
from chassis.errors import ServiceError
from chassis.grpc_client import Peers, RemoteError
from chassis.grpc_server import GrpcServer, Servicer
from chassis.ids import new_id
from chassis.keyring import Keyring
from chassis.tls import TlsFiles, names_service
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health_pb2, health_pb2_grpc
from waypost.segment.v1 import segment_service_pb2 as pb
from waypost.segment.v1 import segment_service_pb2_grpc as pb_grpc
from waypost_dev.ports import pick_free

SIGNER = ContextSigner(Keyring(b"s" * 32), SystemClock())


class Authority:
    """Signs certificates into files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
        certificate = self._made(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0))
        (folder / "ca.pem").write_bytes(certificate)

    def issue(self, service: str, *names: x509.GeneralName) -> TlsFiles:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, service)])
        alternative = x509.SubjectAlternativeName(
            [*(names or [x509.DNSName(service)]), x509.IPAddress(IPv4Address("127.0.0.1"))]
        )
        files = TlsFiles(
            self._folder / f"{service}.pem", self._folder / f"{service}.key", self._folder / "ca.pem"
        )
        files.certificate.write_bytes(self._made(subject, key, alternative))
        files.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files

    def _made(self, subject: x509.Name, key: Any, extension: x509.ExtensionType) -> bytes:
        now = SystemClock().now()
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(extension, critical=False)
        )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class Segments(pb_grpc.SegmentServiceServicer):  # type: ignore[misc]
    async def GetSegment(self, request: Any, context: Any) -> Any:
        return pb.GetSegmentResponse(segment=pb.Segment(name=current().caller))

    async def EvaluateRules(self, request: Any, context: Any) -> Any:
        return pb.EvaluateRulesResponse()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ours")


@pytest.fixture(autouse=True)
def no_health_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.grpc_client._SERVICE_CONFIG", '{"loadBalancingConfig":[{"round_robin":{}}]}')


@asynccontextmanager
async def served(tls: TlsFiles, health_listen: str = "") -> AsyncIterator[str]:
    listen = f"127.0.0.1:{pick_free()}"
    servicer = Servicer(
        "waypost.segment.v1.SegmentService",
        pb_grpc.add_SegmentServiceServicer_to_server,
        Segments(),
        {"EvaluateRules": "journey"},
    )
    server = GrpcServer("segment", listen, [servicer], SIGNER, tls=tls, health_listen=health_listen)
    await server.start()
    try:
        yield listen
    finally:
        await server.stop(0)


@asynccontextmanager
async def peers(caller: str, address: str, tls: TlsFiles | None) -> AsyncIterator[Peers]:
    opened = Peers(caller, {"segment": address}, SIGNER, tls)
    try:
        yield opened
    finally:
        await opened.stop()


async def asked(by: Peers, method: str = "GetSegment") -> Any:
    stub = by.stub("segment", pb_grpc.SegmentServiceStub)
    request = getattr(pb, f"{method}Request")()
    return await by.call(getattr(stub, method), request, by.tenant(new_id()), attempts=1, deadline_s=5)


async def refusal(by: Peers, method: str = "GetSegment") -> ServiceError:
    with pytest.raises(RemoteError) as refused:
        await asked(by, method)
    return refused.value


async def test_a_caller_is_whom_its_certificate_names(authority: Authority) -> None:
    async with served(authority.issue("segment")) as address:
        journey = authority.issue("journey", x509.UniformResourceIdentifier("spiffe://waypost/journey"))
        async with peers("journey", address, journey) as by:
            assert (await asked(by)).segment.name == "journey"
        async with peers("gateway", address, journey) as by:
            error = await refusal(by)
    assert (error.code, error.reason) == (grpc.StatusCode.UNAUTHENTICATED, "CONTEXT_INVALID")


async def test_strangers_do_not_come_in(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "theirs").issue("journey")
    own = authority.issue("journey")
    half = TlsFiles(stranger.certificate, stranger.key, own.authority)
    async with served(authority.issue("segment")) as address:
        for tls in (None, stranger, half):
            async with peers("journey", address, tls) as by:
                assert (await refusal(by)).code == grpc.StatusCode.UNAVAILABLE


async def test_a_method_of_one_caller_is_nobody_elses(authority: Authority) -> None:
    async with served(authority.issue("segment")) as address:
        async with peers("journey", address, authority.issue("journey")) as by:
            await asked(by, "EvaluateRules")
        async with peers("gateway", address, authority.issue("gateway")) as by:
            error = await refusal(by, "EvaluateRules")
    assert (error.code, error.reason) == (grpc.StatusCode.PERMISSION_DENIED, "CALLER_FORBIDDEN")


async def test_certificates_and_the_authority_are_replaced_while_running(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.grpc_client.LOOK_AGAIN_S", 0.0)
    server, client = authority.issue("segment"), authority.issue("journey")
    async with served(server) as address, peers("journey", address, client) as by:
        await asked(by)
        successor = Authority(tmp_path / "successor")
        for held, fresh in ((server, successor.issue("segment")), (client, successor.issue("journey"))):
            for old, new in zip(
                (held.certificate, held.key, held.authority),
                (fresh.certificate, fresh.key, fresh.authority),
                strict=True,
            ):
                old.write_bytes(new.read_bytes())
        await asked(by)
        async with peers("journey", address, authority.issue("left")) as late:
            assert (await refusal(late)).code == grpc.StatusCode.UNAVAILABLE


async def test_probes_without_tls_have_a_door_that_answers_health_alone(authority: Authority) -> None:
    probe = f"127.0.0.1:{pick_free()}"
    async with served(authority.issue("segment"), probe), grpc.aio.insecure_channel(probe) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        answer = await health.Check(health_pb2.HealthCheckRequest(service="liveness"), timeout=5)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await pb_grpc.SegmentServiceStub(channel).GetSegment(pb.GetSegmentRequest(), timeout=5)
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    ("name", "is_profile"),
    [
        ("profile", True),
        ("profile.waypost.svc", True),
        ("spiffe://cluster/ns/waypost/sa/profile", True),
        ("profiles", False),
        ("x.profile", False),
        ("spiffe://profile", False),
        ("spiffe://cluster/profile/x", False),
    ],
)
def test_names_of_certificates(name: str, is_profile: bool) -> None:
    assert names_service([b"127.0.0.1", name.encode()], "profile") is is_profile
