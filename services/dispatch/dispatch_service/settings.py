"""Settings of dispatch."""

from chassis.settings import ServiceSettings
from pydantic_settings import SettingsConfigDict


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(
        env_prefix="DISPATCH_", frozen=True, extra="ignore", populate_by_name=True
    )

    sandbox_url: str = ""
    """Where the sandbox provider answers; empty: this installation has no SMS account."""
    sandbox_secret: str = ""
    """Hex key of the sandbox's signatures."""
    sandbox_sign_name: str = "Waypost"
    public_url: str = ""
    """Where providers reach the gateway for callbacks; empty: straight to the gateway peer."""
    per_second: int = 50
    """Calls per second of an account nobody has set a limit for."""
    call_timeout_s: float = 5.0
    """How long a provider may take to answer one call, in seconds."""
    reserve_s: float = 3.0
    """How long a sender may hold messages before it calls, in seconds; then another sender may have them."""

    def callback_base(self) -> str:
        return self.public_url.rstrip("/") or f"http://{self.peers.get('gateway', '127.0.0.1:8080')}"
