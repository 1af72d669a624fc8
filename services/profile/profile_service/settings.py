"""What profile reads from its environment."""

from chassis.settings import ServiceSettings
from pydantic_settings import SettingsConfigDict


class ProfileSettings(ServiceSettings):
    model_config = SettingsConfigDict(
        env_prefix="PROFILE_", frozen=True, extra="ignore", populate_by_name=True
    )

    data_keys: bool = False
    """Whether every workspace gets a random data key of its own. Not while a release runs that cannot open it."""
