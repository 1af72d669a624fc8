"""deploy/verify.py, as far as it goes without an API server."""

import importlib.util
import os
import subprocess
import sys

import pytest

from tests.unit.deploy.manifests import ROOT, build

SCRIPT = ROOT / "deploy" / "verify.py"
_spec = importlib.util.spec_from_file_location("verify", SCRIPT)
assert _spec is not None
assert _spec.loader is not None
verify = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verify)


@pytest.mark.parametrize("kubeconfig", ["", "/nowhere/at/all"])
def test_without_a_cluster_it_says_skipped(kubeconfig: str) -> None:
    environment = {**os.environ, "KUBECONFIG": kubeconfig}
    done = subprocess.run(
        [sys.executable, SCRIPT], env=environment, capture_output=True, text=True, timeout=20
    )
    assert (done.returncode, done.stdout) == (0, "k8s-verify: skipped, KUBECONFIG names no file\n")


def test_nothing_is_left_in_the_namespace_of_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    built = build("prod")
    monkeypatch.setenv("PATH", f"{ROOT / '.cache' / 'k8s' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    texts = verify.documents("elsewhere")
    assert len(texts) == len(built)
    assert not [text for text in texts if "namespace: waypost\n" in text]
    foreign = [manifest for manifest in built if manifest["apiVersion"].split("/")[0] in verify.OPERATORS]
    assert len([text for text in texts if verify.is_foreign(text)]) == len(foreign) == 6 + 5
