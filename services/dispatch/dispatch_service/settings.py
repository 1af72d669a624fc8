"""Settings of dispatch."""

from typing import Annotated, Literal, Self

from chassis.settings import ServiceSettings
from pydantic import field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(
        env_prefix="DISPATCH_", frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    sandbox_url: str = ""
    """Where the sandbox provider answers; empty: this installation has no SMS account."""
    sandbox_secret: str = ""
    """Hex key of the sandbox's signatures."""
    sandbox_sign_name: str = "Waypost"
    public_url: str = ""
    """Where providers and recipients reach the gateway; empty: callbacks go straight to the gateway peer."""
    smtp_host: str = ""
    """The mail server that takes what is sent; empty: this installation has no e-mail account."""
    smtp_port: int = 587
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    smtp_username: str = ""
    smtp_password: str = ""
    smtp_ca_file: str = ""
    """Certificates that sign the mail server's; empty: those of the system."""
    smtp_from: str = ""
    """`Name <address>` of e-mails whose template names no sender."""
    smtp_bounces: str = ""
    """The mailbox that reports come back to, with subaddresses (`name+…@`); empty: the sender's."""
    smtp_connections: int = 8
    """Connections to the mail server, and so mails on their way at the same time."""
    smtp_timeout_s: float = 30.0
    """How long the mail server may take for one mail, in seconds; some read it before they answer."""
    dkim_key: str = ""
    """RSA key in PEM; empty: mail is not signed."""
    dkim_domain: str = ""
    """Empty: the domain of `smtp_from`."""
    dkim_selector: str = "waypost"
    email_callback_secret: Annotated[bytes, NoDecode] = b""
    """Hex key with which whoever reads the bounce mailbox signs its posts."""
    unsubscribe_keys: Annotated[tuple[bytes, ...], NoDecode] = ()
    """Hex keys of unsubscribe links, comma-separated: the first signs, all verify. Without keys, or without
    `public_url`, mail has no such link."""
    per_second: int = 50
    """Calls per second of an account nobody has set a limit for."""
    call_timeout_s: float = 5.0
    """How long a provider may take to answer one call, in seconds."""
    reserve_s: float = 3.0
    """How long a sender may hold messages before it calls, in seconds; then another sender may have them."""

    @field_validator("unsubscribe_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(_of_hex(key, "DISPATCH_UNSUBSCRIBE_KEYS") for key in value.split(",") if key)

    @field_validator("email_callback_secret", mode="before")
    @classmethod
    def _read_secret(cls, value: object) -> object:
        return _of_hex(value, "DISPATCH_EMAIL_CALLBACK_SECRET") if isinstance(value, str) else value

    @model_validator(mode="after")
    def _password_is_hidden(self) -> Self:
        if self.smtp_username and self.smtp_tls == "none":
            raise ValueError(
                "DISPATCH_SMTP_TLS=none would show the password to everybody on the way: set starttls or tls"
            )
        return self

    def callback_base(self) -> str:
        return self.public_url.rstrip("/") or f"http://{self.peers.get('gateway', '127.0.0.1:8080')}"


def _of_hex(text: str, name: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise ValueError(f"{name} must be hexadecimal") from error
