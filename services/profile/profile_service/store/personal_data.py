"""What profile holds of people: their identifiers, what they said and did, and what was decided about them."""

from collections.abc import Mapping
from typing import Any

import msgspec
from chassis.crypto import WorkspaceCipher
from chassis.ids import time_of
from chassis.personal_data import Holding

_OF_IDENTITY = "t.workspace_id = $1 AND t.bucket = mine.bucket AND t.identity_id = mine.identity_id"


def _delete(table: str) -> str:
    return f"DELETE FROM {table} t USING mine WHERE {_OF_IDENTITY}"


def _kept(section: str, table: str, columns: str, order: str) -> Holding:
    """Rows of an identity that are shown as they are."""
    read = f"SELECT {columns} FROM mine JOIN {table} t ON {_OF_IDENTITY} ORDER BY {order}"
    return Holding(section, read, _delete(table))


def _opened(cipher: WorkspaceCipher | None, sealed: bytes | None, place: bytes) -> Any:
    return msgspec.json.decode(cipher.open(sealed, place)) if sealed and cipher else {}


def _identifier(row: Any, cipher: WorkspaceCipher | None) -> Mapping[str, Any]:
    value = row["value_key"]
    if row["sealed_value"] and cipher:
        value = cipher.open(row["sealed_value"], b"identifiers" + value)
    return {**_some(row, "type", "scope"), "value": value.decode(), "first_seen": row["created_at"]}


def _traits(row: Any, cipher: WorkspaceCipher | None) -> Mapping[str, Any]:
    held = _opened(cipher, row["sealed_traits"], b"traits" + row["identity_id"].bytes)
    return {**_some(row, "identity_id", "updated_at"), "traits": {**row["traits"], **held}}


def _statement(row: Any, cipher: WorkspaceCipher | None) -> Mapping[str, Any]:
    place = b"said" + row["identity_id"].bytes + row["message_id"].encode()
    held = _opened(cipher, row["sealed_traits"], place)
    return {**_some(row, "said_at", "source", "message_id"), "traits": {**row["traits"], **held}}


def _contact(row: Any, cipher: WorkspaceCipher | None) -> Mapping[str, Any]:
    place = b"contact" + row["contact_key"]
    address = cipher.open(row["sealed_address"], place).decode() if cipher else row["masked"]
    return {**_some(row, "type", "first_time", "event_time"), "address": address}


def _event(row: Any, cipher: WorkspaceCipher | None) -> Mapping[str, Any]:
    held = _opened(cipher, row["sealed_properties"], b"event" + row["event_id"].bytes)
    shown = _some(row, "event_id", "name", "event_time", "accept_time", "source", "org_unit_id")
    return {**shown, "properties": {**msgspec.json.decode(row["properties"]), **held}}


def _consent(row: Any, cipher: WorkspaceCipher | None) -> Mapping[str, Any]:
    names = (
        "channel",
        "purpose",
        "topic",
        "org_unit_id",
        "withdrawn",
        "legal_basis",
        "text_version",
        "source",
    )
    proof = _opened(cipher, row["sealed_proof"], b"consent" + row["consent_id"].bytes)
    times = {"given_at": time_of(row["consent_id"]), "recorded_at": row["recorded_at"]}
    return {**_some(row, *names), "proof": proof, "recorded_by": row["recorded_by"], **times}


def _device(row: Any, _cipher: WorkspaceCipher | None) -> Mapping[str, Any]:
    return {**_some(row, "type", "scope", "at"), "value": row["value_key"].decode()}


def _some(row: Any, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


HOLDINGS = (
    Holding(
        "identifiers",
        """
        SELECT i.type, i.scope, i.value_key, i.sealed_value, i.created_at FROM mine
        JOIN identifiers i ON i.workspace_id = $1 AND i.identity_id = mine.identity_id
        ORDER BY i.created_at, i.type, i.scope, i.value_key
        """,
        "DELETE FROM identifiers i USING mine WHERE i.workspace_id = $1 AND i.identity_id = mine.identity_id",
        render=_identifier,
    ),
    Holding(
        "traits",
        f"""
        SELECT t.identity_id, t.traits, t.sealed_traits, t.updated_at FROM mine JOIN identities t ON {_OF_IDENTITY}
        ORDER BY t.identity_no
        """,
        _delete("identities"),
        render=_traits,
    ),
    Holding(
        "trait_statements",
        f"""
        SELECT t.identity_id, t.said_at, t.source, t.message_id, t.traits, t.sealed_traits
        FROM mine JOIN trait_statements t ON {_OF_IDENTITY} ORDER BY t.said_at, t.message_id, t.identity_id
        """,
        _delete("trait_statements"),
        render=_statement,
    ),
    _kept(
        "identifier_claims",
        "identifier_claims",
        "t.type, t.scope, t.value, t.first_time, t.last_time",
        "t.first_time, t.type, t.scope, t.value",
    ),
    Holding(
        "contact_points",
        f"""
        SELECT t.type, t.contact_key, t.sealed_address, t.masked, t.first_time, t.event_time
        FROM mine JOIN contact_points t ON {_OF_IDENTITY} ORDER BY t.event_time, t.contact_key
        """,
        _delete("contact_points"),
        render=_contact,
    ),
    Holding(
        "events",
        """
        SELECT t.event_id, t.name, t.event_time, t.accept_time, t.source, t.org_unit_id, t.properties, t.sealed_properties
        FROM mine JOIN events t ON t.workspace_id = $1 AND t.identity_id = mine.identity_id
        ORDER BY t.event_time, t.event_id
        """,
        "DELETE FROM events t USING mine WHERE t.workspace_id = $1 AND t.identity_id = mine.identity_id",
        render=_event,
    ),
    _kept(
        "event_counters", "event_counters", "t.name, t.count, t.first_at, t.last_at", "t.name, t.identity_id"
    ),
    _kept(
        "orders",
        "orders",
        "t.order_id, t.ordered_at, t.amount_minor, t.currency, t.state, t.refunded_minor, t.products, t.original",
        "t.ordered_at, t.order_id",
    ),
    _kept(
        "order_statements",
        "order_statements",
        "t.order_id, t.kind, t.at, t.amount_minor, t.currency, t.products",
        "t.at, t.event_id",
    ),
    Holding(
        "credit_uses",
        """
        SELECT t.message_id, t.grant_id, t.used_at FROM mine
        JOIN credit_uses t ON t.workspace_id = $1 AND t.identity_id = mine.identity_id ORDER BY t.used_at, t.message_id
        """,
        "DELETE FROM credit_uses t USING mine WHERE t.workspace_id = $1 AND t.identity_id = mine.identity_id",
    ),
    Holding(
        "consent_contact_points",
        erase="""
        DELETE FROM consent_contact_points t USING mine JOIN consents c
          ON c.workspace_id = $1 AND c.bucket = mine.bucket AND c.identity_id = mine.identity_id AND c.contact_key <> ''
        WHERE t.workspace_id = $1 AND t.bucket = get_byte(c.contact_key, 0) AND t.contact_key = c.contact_key
          AND t.identity_id = mine.identity_id
        """,
    ),
    Holding(
        "consents",
        f"""
        SELECT t.consent_id, t.channel, t.purpose, t.topic, t.org_unit_id, t.withdrawn, t.legal_basis, t.text_version,
               t.source, t.sealed_proof, t.recorded_by, t.recorded_at
        FROM mine JOIN consents t ON {_OF_IDENTITY} ORDER BY t.consent_id, t.identity_id
        """,
        _delete("consents"),
        render=_consent,
    ),
    _kept(
        "credits",
        "credit_grants",
        "t.app_id, t.template_id, t.count, t.source, t.granted_at, t.expires_at",
        "t.granted_at, t.grant_id",
    ),
    Holding(
        "relations",
        f"""
        SELECT t.staff_id, s.name AS staff_name, t.kind, t.source, t.started_at, t.ended_at, t.ended_by, t.end_reason
        FROM mine JOIN relations t ON {_OF_IDENTITY}
        LEFT JOIN staff s ON s.workspace_id = $1 AND s.staff_id = t.staff_id
        ORDER BY t.started_at, t.relation_id
        """,
        _delete("relations"),
    ),
    _kept(
        "accounts",
        "account_members",
        "t.account_id, t.role, t.joined_first, t.joined_last, t.ended_at",
        "t.account_id, t.identity_id",
    ),
    _kept("org_units", "identity_org_units", "t.org_unit_id", "t.org_unit_id, t.identity_id"),
    Holding(
        "devices",
        """
        SELECT i.type, i.scope, i.value_key, t.at FROM mine
        JOIN logins t ON t.workspace_id = $1 AND t.owner_id = mine.identity_id
        JOIN identifiers i ON i.workspace_id = $1 AND i.identity_id = t.identity_id
        ORDER BY t.at, i.type, i.value_key
        """,
        _delete("logins"),
        render=_device,
    ),
    Holding(
        "merges",
        """
        SELECT t.merge_id, t.profile_id, t.merged_profile_ids, t.rule, t.created_at
        FROM mine JOIN merges t ON t.workspace_id = $1 AND t.profile_id = mine.identity_id ORDER BY t.created_at, t.merge_id
        """,
        "DELETE FROM merges t USING mine WHERE t.workspace_id = $1 AND t.profile_id = mine.identity_id",
    ),
    Holding(
        "splits",
        """
        SELECT t.split_id, t.profile_id, t.to_profile_id, t.rule, t.created_at
        FROM mine JOIN splits t ON t.workspace_id = $1 AND t.profile_id = mine.identity_id ORDER BY t.created_at, t.split_id
        """,
        "DELETE FROM splits t USING mine WHERE t.workspace_id = $1 AND t.profile_id = mine.identity_id",
    ),
    Holding(
        "decisions_by_hand",
        """
        SELECT d.decision_id, d.kind, d.reason, d.decided_by, d.decided_at FROM identity_decisions d
        WHERE d.workspace_id = $1 AND d.left_ids || d.right_ids && ARRAY(SELECT identity_id FROM mine)
        ORDER BY d.decided_at, d.decision_id
        """,
        # What was decided of others as well stays, without the words.
        """
        , gone AS (
          DELETE FROM identity_decisions d WHERE d.workspace_id = $1 AND cardinality(d.left_ids || d.right_ids) > 0
            AND d.left_ids || d.right_ids <@ ARRAY(SELECT identity_id FROM mine) RETURNING 1
        ), silent AS (
          UPDATE identity_decisions d SET reason = '' WHERE d.workspace_id = $1 AND d.reason <> ''
            AND d.left_ids || d.right_ids && ARRAY(SELECT identity_id FROM mine)
            AND NOT d.left_ids || d.right_ids <@ ARRAY(SELECT identity_id FROM mine) RETURNING 1
        )
        SELECT FROM gone UNION ALL SELECT FROM silent
        """,
    ),
    *(
        Holding(table, erase=_delete(table))
        for table in (
            "order_versions",
            "order_orphans",
            "order_currencies",
            "set_aside",
            "never_links",
            "memberships",
        )
    ),
    Holding(
        "consent_versions",
        erase="""
        DELETE FROM consent_versions t USING mine WHERE t.workspace_id = $1
          AND t.bucket = get_byte(uuid_send(mine.identity_id), 0) AND t.subject = uuid_send(mine.identity_id)
        """,
    ),
)
OWNERSHIPS = Holding(
    "ownerships",
    erase="DELETE FROM ownerships t USING mine "
    "WHERE t.workspace_id = $1 AND (t.identity_id = mine.identity_id OR t.owner_id = mine.identity_id)",
)
"""Last: they tell whom a shared device was of meanwhile, which is looked at again without the person."""
HELD = (*HOLDINGS, OWNERSHIPS)
