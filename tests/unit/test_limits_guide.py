"""The guide to limits says what the code does."""

import importlib
import re
from pathlib import Path

import pytest
from gateway_service.settings import Settings

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "limits.md").read_text()
ROWS = re.findall(
    r"^\|(?P<what>[^|]+)\| (?P<most>[\d,.]+) \|[^|]+\| `(?P<constant>[\w.]+)` \|$", GUIDE, re.MULTILINE
)
RATES = re.findall(r"`(GATEWAY_\w+)`, `(GATEWAY_\w+)` \| ([\d,]+); ([\d,]+) \|", GUIDE)


@pytest.mark.parametrize(("most", "constant"), [row[1:] for row in ROWS], ids=[row[2] for row in ROWS])
def test_each_limit_is_the_constant_it_names(most: str, constant: str) -> None:
    module, _, name = constant.rpartition(".")
    assert float(most.replace(",", "")) == getattr(importlib.import_module(module), name)


def test_rates_are_the_settings_defaults() -> None:
    told = {name: value for first, second, a, b in RATES for name, value in ((first, a), (second, b))}
    assert len(told) == 10
    for name, value in told.items():
        assert Settings.model_fields[name.removeprefix("GATEWAY_").lower()].default == float(
            value.replace(",", "")
        )


def test_no_row_is_left_out() -> None:
    assert len(ROWS) == sum(line.endswith("` |") and "GATEWAY" not in line for line in GUIDE.splitlines())
    assert len(ROWS) > 25
