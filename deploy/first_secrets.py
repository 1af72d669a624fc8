"""The Secrets of a first installation, as JSON on standard output, for `kubectl create -f -`. Run it with the Python of
`make env`.

Everything is random and made once. `create` refuses what exists already, which is right: who replaces the master keys
loses the personal data. Installations with a vault make the same Secrets from there.
"""

import argparse
import base64
import json
import secrets
import sys

import nkeys

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


def broker_users(namespace: str) -> list[dict[str, object]]:
    """An nkey for each service: it has the seed, the brokers have all the public keys."""
    made, lines = [], []
    for service in SERVICES:
        seed = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
        made.append(secret(f"{service}-nats", namespace, {"seed": seed.decode()}))
        lines.append(f"{service.upper()}_NKEY: {nkeys.from_seed(bytearray(seed)).public_key.decode()}\n")
    return [*made, secret("waypost-nats-users", namespace, {"users.conf": "".join(lines)})]


def everything(namespace: str) -> dict[str, object]:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    keys = json.dumps({"active": "k1", "keys": {"k1": key}})
    items = [
        secret("waypost-service-secret", namespace, {"secret": secrets.token_hex(32)}),
        secret("waypost-master-keys", namespace, {"keys.json": keys}),
        secret("waypost-sandbox", namespace, {"secret": secrets.token_hex(32)}),
        *broker_users(namespace),
    ]
    for service in SERVICES:
        items.append(database(service, "owner", f"{service}-database-owner", namespace))
        items.append(database(service, "app", f"{service}-database", namespace))
    return {"apiVersion": "v1", "kind": "List", "items": items}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", default="waypost")
    json.dump(everything(parser.parse_args().namespace), sys.stdout, indent=2)
