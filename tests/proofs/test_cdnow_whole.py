"""RFM over the whole public CDNOW log, to the cent and the person."""

from uuid import UUID

from tests.conftest import Databases
from tests.integration.scoring.test_cdnow import purchases, reconcile


async def test_every_customer_and_every_cent_reconcile(databases: Databases, workspace_id: UUID) -> None:
    await reconcile(databases, workspace_id, purchases())
