"""The Secrets of a first installation, as JSON on standard output: `python3 deploy/first_secrets.py | kubectl create -f -`.

Everything is random and made once. `create` refuses what exists already, which is right: who replaces the master keys
loses the personal data. Installations with a vault make the same Secrets from there.
"""

import argparse
import base64
import json
import secrets
import sys

SERVICES = ("gateway", "profile", "segment", "journey", "scoring", "dispatch")


def database(service: str, role: str, name: str, namespace: str) -> dict[str, object]:
    """What both sides need: CloudNativePG reads user name and password, the service reads the URL."""
    user, password = f"{service}_{role}", secrets.token_hex(24)
    url = f"postgresql://{user}:{password}@{service}-postgres-rw:5432/waypost_{service}"
    content = {"username": user, "password": password, "url": url}
    return secret(
        name, namespace, content, type_="kubernetes.io/basic-auth", labels={"cnpg.io/reload": "true"}
    )


def secret(
    name: str,
    namespace: str,
    content: dict[str, str],
    type_: str = "Opaque",
    labels: dict[str, str] | None = None,
) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": labels or {}},
        "type": type_,
        "stringData": content,
    }


def everything(namespace: str) -> dict[str, object]:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    keys = json.dumps({"active": "k1", "keys": {"k1": key}})
    items = [
        secret("waypost-service-secret", namespace, {"secret": secrets.token_hex(32)}),
        secret("waypost-master-keys", namespace, {"keys.json": keys}),
    ]
    for service in SERVICES:
        items.append(database(service, "owner", f"{service}-database-owner", namespace))
        items.append(database(service, "app", f"{service}-database", namespace))
    return {"apiVersion": "v1", "kind": "List", "items": items}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", default="waypost")
    json.dump(everything(parser.parse_args().namespace), sys.stdout, indent=2)
