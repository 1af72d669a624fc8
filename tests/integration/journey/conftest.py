from uuid import UUID

import pytest
from chassis.clock import ManualClock

from ...conftest import Databases
from .harness import Journey


@pytest.fixture
async def journey(databases: Databases, clock: ManualClock, workspace_id: UUID) -> Journey:
    return Journey(await databases("journey"), workspace_id, clock)
