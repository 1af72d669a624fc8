"""The gateway's settings, read once in __main__."""

from typing import Annotated

from chassis.settings import EnvironmentSettings, ServiceSettings
from pydantic import field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from gateway_service.oidc import ALGORITHMS, Issuer


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_", frozen=True, extra="ignore", populate_by_name=True
    )

    queue_bytes: int = 64 * 1024 * 1024
    """Accepted events, encoded, that may wait for the broker in this process; more is answered 429."""
    leave_s: float = 0.5
    """Seconds between saying not ready and closing the door, so that balancers look elsewhere first."""
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

    def issuer(self) -> Issuer | None:
        if not self.oidc_issuer:
            return None
        return Issuer(self.oidc_issuer, self.oidc_audience, self.oidc_algorithms)


class StoreSettings(EnvironmentSettings):
    """What the administrative commands need: no broker, keys or peers."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore")

    postgres_url: str
