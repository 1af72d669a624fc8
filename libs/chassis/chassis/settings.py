"""What every service reads from its environment; read once, in __main__, and frozen."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from chassis.broker_access import BrokerAccess
from chassis.keyring import FileKeyring
from chassis.tls import TlsFiles

Role = Literal["rpc", "work"]


class FileSource(PydanticBaseSettingsSource):
    """A setting X is also read from the file that X_FILE names, as mounted secrets want it; the variable wins."""

    def __init__(self, settings_cls: type[BaseSettings], prefix: str) -> None:
        super().__init__(settings_cls)
        self._prefix = prefix

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        shared = field.validation_alias if isinstance(field.validation_alias, str) else ""
        path = os.environ.get(f"{shared or self._prefix + field_name.upper()}_FILE")
        return (Path(path).read_text().strip() if path else None), shared or field_name, False

    def __call__(self) -> dict[str, Any]:
        found = (self.get_field_value(field, name) for name, field in self.settings_cls.model_fields.items())
        return {key: value for value, key, _ in found if value is not None}


class EnvironmentSettings(BaseSettings):
    """Settings from environment variables and from files that they name."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        assert isinstance(env_settings, EnvSettingsSource)
        return init_settings, env_settings, FileSource(settings_cls, env_settings.env_prefix)


class MigrateSettings(EnvironmentSettings):
    """All that a migration is told: the application's secrets are none of its business."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    migrate_url: str
    """The owner of the schema; asyncpg reads it, so `?sslmode=verify-full&sslrootcert=…` works."""

    @classmethod
    def of(cls, service: str) -> "MigrateSettings":
        return cls(_env_prefix=f"{service.upper()}_")


class ServiceSettings(EnvironmentSettings):
    """Base of each service's settings; a subclass sets `env_prefix`. WAYPOST_* are shared by all services."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    listen: str = "127.0.0.1:0"
    """host:port of the service's own door."""
    postgres_url: str
    """The application role: neither owner nor superuser. `?sslmode=verify-full&sslrootcert=…` has the server prove
    itself."""
    pool_size: int = 8
    nats_url: str = Field(validation_alias="WAYPOST_NATS_URL", default="nats://127.0.0.1:4222")
    nats_replicas: int = Field(validation_alias="WAYPOST_NATS_REPLICAS", default=1)
    """Brokers that must hold each message; a stream with fewer is neither read nor written."""
    nats_credentials_file: Path | None = Field(validation_alias="WAYPOST_NATS_CREDENTIALS_FILE", default=None)
    """The seed of the service's nkey, or a `.creds` file; without it the broker is asked as nobody."""
    nats_ca_file: Path | None = Field(validation_alias="WAYPOST_NATS_CA_FILE", default=None)
    """Who vouches for the broker: with it the connection is TLS from the first byte, or none."""
    keys_file: Path | None = Field(validation_alias="WAYPOST_KEYS_FILE", default=None)
    service_secret_file: Path = Field(validation_alias="WAYPOST_SERVICE_SECRET_FILE")
    """Secrets that the context of calls is signed with, one a line; chassis/keyring.py says how to rotate."""
    tls_cert_file: Path | None = Field(validation_alias="WAYPOST_TLS_CERT_FILE", default=None)
    """With the two below: gRPC goes over TLS, both sides show a certificate, and a caller is whom its names it."""
    tls_key_file: Path | None = Field(validation_alias="WAYPOST_TLS_KEY_FILE", default=None)
    tls_ca_file: Path | None = Field(validation_alias="WAYPOST_TLS_CA_FILE", default=None)
    health_listen: str = ""
    """host:port that answers health checks without TLS, for probes that speak none; empty: only the own door does."""
    peers: Annotated[dict[str, str], NoDecode] = Field(validation_alias="WAYPOST_PEERS", default_factory=dict)
    """Service name → host:port, written `profile=127.0.0.1:7001,segment=…`."""
    reflection: bool = Field(validation_alias="WAYPOST_REFLECTION", default=False)
    """Whether the gRPC door lists its methods to anyone who asks."""
    metrics_listen: str = Field(validation_alias="WAYPOST_METRICS_LISTEN", default="")
    """host:port where Prometheus finds this process's metrics; empty: nowhere."""
    handlers: int = 4
    """Batches handled at the same time by one replica."""
    leave_s: float = 0.0
    """Between saying NOT_SERVING and refusing calls: as long as callers take to notice (a cluster: 4)."""

    @field_validator("peers", mode="before")
    @classmethod
    def _split_peers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return dict(pair.split("=", 1) for pair in value.split(",") if pair)

    @model_validator(mode="after")
    def _all_of_tls_or_none(self) -> Self:
        given = (self.tls_cert_file, self.tls_key_file, self.tls_ca_file)
        if any(given) and not all(given):
            raise ValueError(
                "TLS wants all of WAYPOST_TLS_CERT_FILE, WAYPOST_TLS_KEY_FILE and WAYPOST_TLS_CA_FILE"
            )
        return self

    def keyring(self) -> FileKeyring:
        return FileKeyring(self.service_secret_file)

    def tls(self) -> TlsFiles | None:
        """The files of TLS; None where gRPC travels in the clear."""
        if self.tls_cert_file and self.tls_key_file and self.tls_ca_file:
            return TlsFiles(self.tls_cert_file, self.tls_key_file, self.tls_ca_file)
        return None

    @property
    def broker_access(self) -> BrokerAccess:
        return BrokerAccess(self.nats_credentials_file, self.nats_ca_file)
