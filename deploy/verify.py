"""Asks a real API server about the production manifests: `make k8s-verify KUBECONFIG=…`.

They go into a namespace of their own, which is removed at the end: everything as a dry run with strict validation by the
schemas that the cluster has, then the workloads for real, without the operators' resources. The server's own view is
compared with what is meant: it takes every pod (Pod Security), each Service and disruption budget selects the pods of
its namesake alone, and each budget allows one eviction once its pods are healthy.
"""

import json
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NAMESPACE = "waypost"
OPERATORS = {
    "postgresql.cnpg.io": "clusters.postgresql.cnpg.io",
    "keda.sh": "scaledobjects.keda.sh",
}
WAIT_S = 60


class Fault(Exception):
    """What the cluster says is not what is meant."""


def kubectl(*arguments: str, given: str | None = None) -> str:
    done = subprocess.run(
        ["kubectl", *arguments], input=given, capture_output=True, text=True, timeout=180, cwd=ROOT
    )
    if done.returncode:
        raise Fault(f"kubectl {' '.join(arguments)}:\n{done.stderr.strip()}")
    return done.stdout


def read(*arguments: str) -> Any:
    return json.loads(kubectl(*arguments, "-o", "json"))


def documents(namespace: str) -> list[str]:
    """The production overlay, one text each, moved to the namespace."""
    built = kubectl("kustomize", "deploy/k8s/overlays/prod")
    moved = re.sub(rf"^(  name(?:space)?): {NAMESPACE}$", rf"\1: {namespace}", built, flags=re.MULTILINE)
    return moved.split("\n---\n")


def is_foreign(document: str) -> bool:
    version = re.search(r"^apiVersion: (\S+)/", document, re.MULTILINE)
    return version is not None and version[1] in OPERATORS


def apply(texts: list[str], *options: str) -> None:
    kubectl(
        "apply",
        "--server-side",
        "--validate=strict",
        "--field-manager=waypost-verify",
        *options,
        "-f",
        "-",
        given="\n---\n".join(texts),
    )


def verify(namespace: str) -> None:
    known = {crd["metadata"]["name"] for crd in read("get", "crds")["items"]}
    if missing := sorted(set(OPERATORS.values()) - known):
        raise Fault(
            f"the cluster lacks {', '.join(missing)}; install the operators, or their definitions alone"
        )
    texts = documents(namespace)
    (own,) = (text for text in texts if re.search(r"^kind: Namespace$", text, re.MULTILINE))
    apply([own])
    apply(texts, "--dry-run=server")
    print(f"the API server takes all {len(texts)} manifests")
    apply([text for text in texts if not is_foreign(text)])
    await_pods(namespace)
    print("and every pod, under the restricted Pod Security Standard")
    check_selectors(namespace)
    print("Services and disruption budgets select their own pods, and no migration's")
    check_budgets(namespace)


def owners(namespace: str) -> dict[str, list[str]]:
    """Deployment, StatefulSet or Job → its pods."""
    found: dict[str, list[str]] = {}
    for pod in read("get", "pods", "-n", namespace)["items"]:
        owner = pod["metadata"]["ownerReferences"][0]
        name = owner["name"]
        if owner["kind"] == "ReplicaSet":
            name = name.removesuffix(f"-{pod['metadata']['labels']['pod-template-hash']}")
        found.setdefault(name, []).append(pod["metadata"]["name"])
    return found


def await_pods(namespace: str) -> None:
    wanted = {
        m["metadata"]["name"] for m in read("get", "deployments,statefulsets,jobs", "-n", namespace)["items"]
    }
    ends = time.monotonic() + WAIT_S
    while missing := wanted - owners(namespace).keys():
        if time.monotonic() > ends:
            refusals = {
                event["message"]
                for event in read("get", "events", "-n", namespace)["items"]
                if event["reason"] == "FailedCreate"
            }
            raise Fault(f"no pods of {', '.join(sorted(missing))}\n" + "\n".join(sorted(refusals)))
        time.sleep(1)


def check_selectors(namespace: str) -> None:
    mine = owners(namespace)
    for kind in ("services", "poddisruptionbudgets"):
        for manifest in read("get", kind, "-n", namespace)["items"]:
            name, selector = manifest["metadata"]["name"], manifest["spec"]["selector"]
            labels = selector.get("matchLabels", selector)
            query = ",".join(f"{key}={value}" for key, value in labels.items())
            pods = {p["metadata"]["name"] for p in read("get", "pods", "-n", namespace, "-l", query)["items"]}
            namesake = "nats" if name == "nats-peers" else name
            if pods != set(mine[namesake]):
                raise Fault(f"{kind} {name} selects {sorted(pods)}")


def check_budgets(namespace: str) -> None:
    unhealthy = []
    for budget in read("get", "poddisruptionbudgets", "-n", namespace)["items"]:
        name, status = budget["metadata"]["name"], budget.get("status", {})
        failed = [c for c in status.get("conditions", ()) if c["reason"] == "SyncFailed"]
        if failed:
            raise Fault(f"budget {name}: {failed[0]['message']}")
        if status.get("currentHealthy", 0) < status.get("expectedPods", 1):
            unhealthy.append(name)
        elif status["disruptionsAllowed"] != 1:
            raise Fault(f"budget {name} allows {status['disruptionsAllowed']} evictions")
    if unhealthy:
        print(f"evictions not tried, for want of healthy pods: {', '.join(unhealthy)}")
    else:
        print("each budget allows one eviction")


def main() -> int:
    if not Path(os.environ.get("KUBECONFIG") or "/nowhere").is_file():
        print("k8s-verify: skipped, KUBECONFIG names no file")
        return 0
    namespace = f"{NAMESPACE}-verify-{secrets.token_hex(3)}"
    try:
        verify(namespace)
    except Fault as fault:
        print(f"k8s-verify: {fault}", file=sys.stderr)
        return 1
    finally:
        subprocess.run(
            ["kubectl", "delete", "namespace", namespace, "--ignore-not-found", "--wait=false"],
            capture_output=True,
            check=False,
            timeout=60,
        )
    print("k8s-verify: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
