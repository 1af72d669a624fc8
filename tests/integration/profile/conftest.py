"""Profile's people with the doors to their consents, on a database of their own."""

from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers

from tests.conftest import Databases

from .ledger import Ledger


@pytest.fixture
async def ledger(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Ledger:
    return Ledger(await databases("profile"), ciphers, clock, workspace_id)
