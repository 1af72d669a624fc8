"""TLS between services: both sides show a certificate of one authority, and its names say which service speaks.

Files are read again when they change, so that a certificate is replaced without a restart: the server asks at each
handshake, and a client opens its channels anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import grpc


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: this service's certificate chain, its key, and the authority that signs everybody's."""

    certificate: Path
    key: Path
    authority: Path

    def stamp(self) -> tuple[int, ...]:
        """Changes when one of the files does."""
        return tuple(file.stat().st_mtime_ns for file in (self.certificate, self.key, self.authority))

    def server_credentials(self) -> grpc.ServerCredentials:
        """Wants a certificate of the caller."""
        return grpc.dynamic_ssl_server_credentials(
            self._server_configuration(), self._renewed, require_client_authentication=True
        )

    def channel_credentials(self) -> grpc.ChannelCredentials:
        return grpc.ssl_channel_credentials(
            self.authority.read_bytes(), self.key.read_bytes(), self.certificate.read_bytes()
        )

    def _renewed(self) -> grpc.ServerCertificateConfiguration | None:
        """None keeps what there is: a half-written file must not stop a service that works."""
        try:
            return self._server_configuration()
        except OSError:
            return None

    def _server_configuration(self) -> grpc.ServerCertificateConfiguration:
        pair = (self.key.read_bytes(), self.certificate.read_bytes())
        return grpc.ssl_server_certificate_configuration([pair], self.authority.read_bytes())


def names_service(names: Iterable[bytes], service: str) -> bool:
    """Whether a certificate's alternative names are of that service: `profile`, `profile.anything`, or a SPIFFE id that
    ends in `/profile`."""
    for name in (raw.decode("ascii", "replace") for raw in names):
        _domain, found, path = name.removeprefix("spiffe://").partition("/")
        if (path.rpartition("/")[2] if found else name.partition(".")[0]) == service:
            return True
    return False
