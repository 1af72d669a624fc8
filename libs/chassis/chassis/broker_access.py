"""How a service proves itself to the broker, and the broker to the service."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class BrokerAccess:
    credentials: Path | None = None
    """An nkey's seed (`SU…`) or a `.creds` file, read when the client is made."""
    ca: Path | None = None
    """Certificates that vouch for the broker, PEM."""

    def options(self) -> dict[str, Any]:
        """Keyword arguments of nats.connect; ValueError when a file does not hold what it should."""
        return {**self._login(), **self._tls()}

    def _login(self) -> dict[str, Any]:
        if self.credentials is None:
            return {}
        text = self.credentials.read_text().strip()
        if "-----BEGIN NATS USER JWT-----" in text:
            return {"user_credentials": str(self.credentials)}
        if text.startswith("SU") and len(text.split()) == 1:
            return {"nkeys_seed_str": text}
        raise ValueError(
            f"{self.credentials} holds neither an nkey's seed (SU…) nor NATS credentials (-----BEGIN NATS USER JWT-----)"
        )

    def _tls(self) -> dict[str, Any]:
        if self.ca is None:
            return {}
        # The client would otherwise speak plainly to a server that does not ask for TLS, whoever that is.
        return {"tls": ssl.create_default_context(cafile=self.ca), "tls_handshake_first": True}
