"""Links that stop marketing to the address that a message went to: `<base>/u/<workspace>.<message>.<signature>`.

The workspace is legible, so that the gateway knows whose link it is; nobody can make one without a key. A link does not
expire: mail is kept for years. The first key signs, all verify.
"""

from collections.abc import Sequence
from uuid import UUID

from itsdangerous import BadSignature, Signer


class UnsubscribeLinks:
    def __init__(self, base: str, keys: Sequence[bytes]) -> None:
        """Without keys or an address of the gateway that recipients can reach, there are no links."""
        self._base = base.rstrip("/")
        # itsdangerous signs with the last of its keys.
        self._signer = Signer(list(reversed(keys)), salt="unsubscribe") if keys else None

    def link(self, workspace_id: UUID, message_id: UUID) -> str:
        """Empty when there are no links."""
        if self._signer is None or not self._base:
            return ""
        return f"{self._base}/u/{self._signer.sign(f'{workspace_id.hex}.{message_id.hex}').decode()}"

    def message_id(self, workspace_id: UUID, token: str) -> UUID | None:
        """None for a token that is not ours, or of another workspace."""
        if self._signer is None:
            return None
        try:
            workspace, _, message = self._signer.unsign(token).decode().partition(".")
        except (BadSignature, UnicodeError):
            return None
        return UUID(message) if workspace == workspace_id.hex else None
