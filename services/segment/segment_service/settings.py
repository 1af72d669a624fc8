from chassis.settings import ServiceSettings
from pydantic_settings import SettingsConfigDict


class SegmentSettings(ServiceSettings):
    model_config = SettingsConfigDict(
        env_prefix="SEGMENT_", frozen=True, extra="ignore", populate_by_name=True
    )

    build_page: int = 500
    """People that a build evaluates in one transaction."""
    build_poll_s: float = 1.0
    """Seconds between two looks for segments that another process asked to build."""
