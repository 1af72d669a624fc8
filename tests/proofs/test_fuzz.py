"""Five seconds of the fuzzer on every target: that it runs, and finds nothing near its seeds."""

import subprocess
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", TARGETS)
def test_the_fuzzer_finds_nothing_in_five_seconds(name: str) -> None:
    made = subprocess.run(
        ["make", "fuzz", f"T={name}", "MINUTES=0.09"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert made.returncode == 0, made.stdout[-2_000:] + made.stderr[-4_000:]
    assert "Done" in made.stderr, made.stderr[-2_000:]
