"""Log-ins by who logged in."""

from collections.abc import Collection
from uuid import UUID

from chassis.database import Tx


async def devices_of(tx: Tx, owners: Collection[UUID]) -> list[UUID]:
    """Weak identities that these strong ones were ever seen with. Looks at every log-in of the workspace: for what
    happens now and then."""
    rows = await tx.fetch(_DEVICES_OF, tx.workspace_id, list(owners)) if owners else []
    return [r["identity_id"] for r in rows]


_DEVICES_OF = "SELECT DISTINCT identity_id FROM logins WHERE workspace_id = $1 AND owner_id = ANY($2::uuid[])"
