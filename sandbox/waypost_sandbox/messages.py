"""What passes between the protocols, the store and the courier."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

Kind = Literal["receipts", "replies", "reports"]


@dataclass(frozen=True, slots=True)
class Message:
    account: str
    message_id: str
    to: str
    sign_name: str
    text: str
    callback_url: str

    def fingerprint(self) -> bytes:
        """Equal for equal requests, alone or in a batch, however their JSON was spelled."""
        fields = [self.to, self.sign_name, self.text, self.callback_url]
        return sha256(json.dumps(fields).encode()).digest()

    def provider_id(self) -> str:
        return "SB" + sha256(f"{self.account}.{self.message_id}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Fate:
    """What will become of a message, decided when it is accepted."""

    state: Literal["delivered", "failed"]
    error_code: str | None
    delay: int
    posts: int


@dataclass(frozen=True, slots=True)
class Comeback:
    """What comes back of a mail that was taken: a bounce, or else a complaint."""

    bounced: bool
    delay: int
    posts: int


@dataclass(frozen=True, slots=True)
class Accepted:
    provider_id: str
    duplicate: bool
    settles_at: int


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    code: str
    message: str
    retry_after_ms: int | None = None

    def as_json(self) -> dict[str, object]:
        answer: dict[str, object] = {"code": self.code, "message": self.message}
        if self.retry_after_ms is not None:
            answer["retry_after_ms"] = self.retry_after_ms
        return answer


class Refused(Exception):
    """The request as a whole is refused."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Destination:
    """Where callbacks go; what shares a destination shares a post."""

    url: str
    account: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Callback:
    id: int
    item: str
