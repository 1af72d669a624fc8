"""What journey reads from its environment."""

from chassis.settings import ServiceSettings
from pydantic_settings import SettingsConfigDict


class JourneySettings(ServiceSettings):
    model_config = SettingsConfigDict(
        env_prefix="JOURNEY_", frozen=True, extra="ignore", populate_by_name=True
    )
    timer_poll_s: float = 0.2
    """How often due timers are looked for; the most that a wait ends late when nothing is in its way."""
