"""The gateway's settings, read once in __main__."""

from chassis.settings import EnvironmentSettings, ServiceSettings
from pydantic_settings import SettingsConfigDict


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_", frozen=True, extra="ignore", populate_by_name=True
    )

    queue_bytes: int = 64 * 1024 * 1024
    """Accepted events, encoded, that may wait for the broker in this process; more is answered 429."""
    leave_s: float = 0.5
    """Seconds between saying not ready and closing the door, so that balancers look elsewhere first."""


class StoreSettings(EnvironmentSettings):
    """What the administrative commands need: no broker, keys or peers."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore")

    postgres_url: str


class MigrateSettings(EnvironmentSettings):
    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore")

    migrate_url: str
