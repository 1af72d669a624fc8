"""How the sandbox misbehaves, as told by control. Chance is a hash of the seed and the message's id."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from waypost_sandbox.messages import Comeback, Fate, Refusal, Refused

LARGEST = 10**9


@dataclass(frozen=True, slots=True)
class Faults:
    latency_ms: int = 0
    fail_rate: float = 0.0
    complaint_rate: float = 0.0
    refuse_rate: float = 0.0
    timeout_after_accept: int = 0
    timeout_before_accept: int = 0
    lose_receipts: float = 0.0
    repeat_receipts: int = 0
    receipt_delay_ms: int = 50
    rate_limit_per_s: int | None = None
    quota: int | None = None
    seed: int = 0

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def fate(self, message_id: str) -> Fate:
        failed = self._strikes(self.fail_rate, "fail", message_id)
        lost = self._strikes(self.lose_receipts, "lose", message_id)
        return Fate(
            state="failed" if failed else "delivered",
            error_code="HANDSET_UNREACHABLE" if failed else None,
            delay=self.receipt_delay_ms * 1_000,
            posts=0 if lost else 1 + self.repeat_receipts,
        )

    def comeback(self, message_id: str) -> Comeback | None:
        """None for a mail that nobody is heard of again."""
        bounced = self._strikes(self.fail_rate, "fail", message_id)
        complained = self._strikes(self.complaint_rate, "complain", message_id)
        if not (bounced or complained) or self._strikes(self.lose_receipts, "lose", message_id):
            return None
        return Comeback(bounced, self.receipt_delay_ms * 1_000, 1 + self.repeat_receipts)

    def refuses(self, message_id: str, refused_before: int) -> bool:
        """A new draw on each try: otherwise an unlucky message would be refused for ever."""
        return self._strikes(self.refuse_rate, f"refuse {refused_before}", message_id)

    def _strikes(self, rate: float, kind: str, message_id: str) -> bool:
        draw = sha256(f"{self.seed}|{kind}|{message_id}".encode()).digest()[:8]
        return int.from_bytes(draw, "big") / 2**64 < rate


def _whole(least: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= LARGEST


def _rate(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]


def _none_or(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or check(value)


_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "latency_ms": _whole(0),
    "fail_rate": _rate,
    "complaint_rate": _rate,
    "refuse_rate": _rate,
    "timeout_after_accept": _whole(0),
    "timeout_before_accept": _whole(0),
    "lose_receipts": _rate,
    "repeat_receipts": _whole(0),
    "receipt_delay_ms": _whole(0),
    "rate_limit_per_s": _none_or(_whole(1)),
    "quota": _none_or(_whole(0)),
    "seed": _whole(0),
}


def changed(faults: Faults, change: object) -> Faults:
    if not isinstance(change, dict):
        raise Refused(Refusal(400, "CONTROL_INVALID", "A JSON object is expected."))
    for name, value in change.items():
        check = _CHECKS.get(name)
        if check is None or not check(value):
            raise Refused(Refusal(400, "CONTROL_INVALID", f"{name}: unknown or out of range."))
    return replace(faults, **change)


class Panel:
    """The faults in force, and what is left of the countdowns among them."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._refused: dict[str, int] = {}

    def put(self, faults: Faults) -> None:
        self.faults = faults
        self._refused.clear()

    def cut_before_accept(self) -> bool:
        left = self.faults.timeout_before_accept
        if left:
            self.faults = replace(self.faults, timeout_before_accept=left - 1)
        return left > 0

    def cut_after_accept(self) -> bool:
        left = self.faults.timeout_after_accept
        if left:
            self.faults = replace(self.faults, timeout_after_accept=left - 1)
        return left > 0

    def maintenance(self, message_id: str) -> Refusal | None:
        before = self._refused.get(message_id, 0)
        if not self.faults.refuses(message_id, before):
            self._refused.pop(message_id, None)
            return None
        self._refused[message_id] = before + 1
        return Refusal(503, "MAINTENANCE", "The service is being maintained; try again.")

    def durable(self) -> Faults:
        """Countdowns end with the process: a restart must not start them again."""
        return replace(self.faults, timeout_after_accept=0, timeout_before_accept=0)
