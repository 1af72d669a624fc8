from chassis.settings import ServiceSettings
from pydantic_settings import SettingsConfigDict


class ScoringSettings(ServiceSettings):
    model_config = SettingsConfigDict(
        env_prefix="SCORING_", frozen=True, extra="ignore", populate_by_name=True
    )

    read_page: int = 5_000
    """Identities whose orders one statement reads."""
