"""Whatever a service stores under an identity or a person is among what it erases, or is said here to lead to nobody."""

import re
from importlib import import_module

import pytest

from tests.conftest import Databases

NAMES_SOMEBODY = ("identity_id", "profile_id", "owner_id", "low_id", "identity_ids", "left_ids")
ERASED = {"erased_identities"}
"""What remains of an erasure."""
BY_OTHER_MEANS = {
    "profile": {
        "edges": "taken off before, with the log-ins, to see who is one person without them",
        "search_backfills": "how far a walk has come",
        "search_keys": "found by the values that they were made from",
    },
    "journey": {
        "active_runs": "of their runs",
        "timers": "of their runs",
    },
    "segment": {},
    "scoring": {},
    "dispatch": {},
}


@pytest.mark.parametrize("service", BY_OTHER_MEANS)
async def test_every_table_that_names_somebody_is_erased(databases: Databases, service: str) -> None:
    module = import_module(f"{service}_service.store.personal_data")
    held = getattr(module, "HELD", module.HOLDINGS)
    statements = " ".join(f"{one.erase} {one.unlink}" for one in held)
    touched = set(re.findall(r"(?:DELETE FROM|UPDATE) (\w+)", statements))
    database = await databases(service)
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT DISTINCT table_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND column_name = ANY($1::text[])",
            list(NAMES_SOMEBODY),
        )
    found = {row["table_name"] for row in rows}
    assert found - ERASED - touched - BY_OTHER_MEANS[service].keys() == set()
    assert touched >= {"people"} & found
