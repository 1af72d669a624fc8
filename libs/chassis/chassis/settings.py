"""What every service reads from its environment; read once, in __main__, and frozen."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

Role = Literal["rpc", "work"]


class FileSource(PydanticBaseSettingsSource):
    """A setting X is also read from the file that X_FILE names, as mounted secrets want it; the variable wins."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        shared = field.validation_alias if isinstance(field.validation_alias, str) else ""
        path = os.environ.get(f"{shared or self.config.get('env_prefix', '') + field_name.upper()}_FILE")
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
        return init_settings, env_settings, FileSource(settings_cls)


class ServiceSettings(EnvironmentSettings):
    """Base of each service's settings; a subclass sets `env_prefix`. WAYPOST_* are shared by all services."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    listen: str = "127.0.0.1:0"
    """host:port of the service's own door."""
    postgres_url: str
    """The application role: neither owner nor superuser."""
    migrate_url: str = ""
    """The owner of the schema; needed by `migrate` only."""
    pool_size: int = 8
    nats_url: str = Field(validation_alias="WAYPOST_NATS_URL", default="nats://127.0.0.1:4222")
    nats_replicas: int = Field(validation_alias="WAYPOST_NATS_REPLICAS", default=1)
    """Brokers that must hold each message; a stream with fewer is neither read nor written."""
    keys_file: Path | None = Field(validation_alias="WAYPOST_KEYS_FILE", default=None)
    service_secret_file: Path = Field(validation_alias="WAYPOST_SERVICE_SECRET_FILE")
    peers: Annotated[dict[str, str], NoDecode] = Field(validation_alias="WAYPOST_PEERS", default_factory=dict)
    """Service name → host:port, written `profile=127.0.0.1:7001,segment=…`."""
    reflection: bool = Field(validation_alias="WAYPOST_REFLECTION", default=False)
    """Whether the gRPC door lists its methods to anyone who asks."""
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

    def service_secret(self) -> bytes:
        return bytes.fromhex(self.service_secret_file.read_text().strip())
