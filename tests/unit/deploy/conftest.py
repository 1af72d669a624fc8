import json
import subprocess
import sys

import pytest

from tests.unit.deploy.manifests import ROOT


@pytest.fixture(scope="package")
def made() -> dict[str, dict[str, str]]:
    """Secret → file → content, as deploy/first_secrets.py makes them."""
    script = [sys.executable, str(ROOT / "deploy" / "first_secrets.py")]
    done = subprocess.run(script, capture_output=True, text=True, check=True, timeout=20)
    return {item["metadata"]["name"]: item["stringData"] for item in json.loads(done.stdout)["items"]}
