"""How often the properties reached the branches that matter; printed at the end of the run (conftest.py)."""

from collections import Counter

REACHED: dict[str, Counter[str]] = {}


def counter(name: str) -> Counter[str]:
    return REACHED.setdefault(name, Counter())


def assert_floor(name: str, **floors: int) -> None:
    found = REACHED[name]
    low = {branch: (found[branch], floor) for branch, floor in floors.items() if found[branch] < floor}
    assert not low, f"{name}: too few cases reached (found, floor): {low}"
