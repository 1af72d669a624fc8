"""A lock of each workspace in a service's database: batches share it, and whoever changes what all of them rely on
takes it alone, which waits for every batch that knows only how things were, and holds new ones back.

Batches take it with their transaction's opening, in a statement before their first: what they waited for must be
visible to them.
"""

from uuid import UUID

from chassis.database import Tx


def shared(workspace_id: UUID) -> str:
    """The opening statement that takes the lock together with others."""
    return f"SELECT pg_advisory_xact_lock_shared({_key(workspace_id)})"


async def take_alone(tx: Tx) -> None:
    """Call it before taking any row lock."""
    await tx.execute("SELECT pg_advisory_xact_lock($1)", _key(tx.workspace_id))


def _key(workspace_id: UUID) -> int:
    """Two workspaces that share a key would only wait for each other."""
    return int.from_bytes(workspace_id.bytes[8:], "big", signed=True)
