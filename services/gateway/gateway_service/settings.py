"""The gateway's settings, read once in __main__."""

from typing import Annotated

from chassis.settings import EnvironmentSettings, ServiceSettings
from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from gateway_service.oidc import ALGORITHMS, Issuer


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_", frozen=True, extra="ignore", populate_by_name=True
    )

    queue_bytes: int = 64 * 1024 * 1024
    """Accepted events, encoded, that may wait for the broker in this process; more is answered 429."""
    import_bytes: int = Field(default=1024 * 1024 * 1024, ge=1)
    """Of a file to be imported, decompressed."""
    public_url: str = ""
    """Where visitors reach forms and codes, https://…; empty: where it listens."""
    backup_days: int = Field(default=35, ge=0)
    """How long backups of the databases are kept; certificates of erasure state it."""
    leave_s: float = 0.5
    """Seconds between saying not ready and closing the door, so that balancers look elsewhere first."""
    replicas: int = Field(default=1, ge=1)
    """Gateways that share the work; each grants its share of the rates that follow."""
    requests_per_s: float = Field(default=5_000, gt=0)
    """Requests a second of one key, over all replicas."""
    requests_burst: int = Field(default=10_000, ge=1)
    """Requests of one key that may come at once after a pause."""
    events_per_s: float = Field(default=200_000, gt=0)
    """Events a second of one write key, over all replicas."""
    events_burst: int = Field(default=400_000, ge=1)
    wrong_keys_per_s: float = Field(default=1, gt=0)
    """Keys that are nobody's, a second from one client address, before it has to wait."""
    wrong_keys_burst: int = Field(default=60, ge=1)
    page_views_per_s: float = Field(default=20, gt=0)
    """Forms looked at and codes scanned, a second from one client address. Many people share one in a shop or behind
    a mobile carrier."""
    page_views_burst: int = Field(default=1_000, ge=1)
    submissions_per_s: float = Field(default=2, gt=0)
    """Forms sent, a second from one client address."""
    submissions_burst: int = Field(default=100, ge=1)
    trusted_proxies: str = ""
    """Addresses or networks, comma separated, whose X-Forwarded-For names the client; else it is who connects."""
    oidc_issuer: str = ""
    """https address of the company's identity provider; empty: secret keys only."""
    oidc_audience: str = ""
    """What its tokens must be meant for: this installation's client id."""
    oidc_algorithms: Annotated[tuple[str, ...], NoDecode] = ALGORITHMS
    """Comma separated; those that tokens may be signed with."""

    @field_validator("oidc_algorithms", mode="before")
    @classmethod
    def _split_algorithms(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part) if isinstance(value, str) else value

    @property
    def pages_url(self) -> str:
        """Where the addresses of public pages begin."""
        return self.public_url.rstrip("/") or f"http://{self.listen}"

    def issuer(self) -> Issuer | None:
        if not self.oidc_issuer:
            return None
        return Issuer(self.oidc_issuer, self.oidc_audience, self.oidc_algorithms)


class StoreSettings(EnvironmentSettings):
    """What the administrative commands need: no broker, keys or peers."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore")

    postgres_url: str
