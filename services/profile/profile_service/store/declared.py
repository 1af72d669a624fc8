"""What workspaces declared, read together and kept for a few seconds: batches of most of them would otherwise pay for
what they do not use."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.clock import Clock
from chassis.database import Tx

from profile_service.domain.declared import Declared, EventSchema, Personal, ranks_of
from profile_service.domain.event_schemas import Compile, named_in
from profile_service.domain.money import DEFAULT_CURRENCY

FRESH = timedelta(seconds=5)
"""How long another replica may go on without a change."""


class Declarations:
    def __init__(self, clock: Clock, compile_schema: Compile) -> None:
        self._clock = clock
        self.compile = compile_schema
        self._known: dict[UUID, tuple[datetime, Declared]] = {}

    async def current(self, tx: Tx) -> Declared:
        now = self._clock.now()
        known = self._known.get(tx.workspace_id)
        if known is not None and now - known[0] < FRESH:
            return known[1]
        declared = self._declared(await tx.fetchrow(_LOAD, tx.workspace_id))
        self._known[tx.workspace_id] = (now, declared)
        return declared

    def forget(self, workspace_id: UUID) -> None:
        """A change counts at once here."""
        self._known.pop(workspace_id, None)

    def _declared(self, row: Any) -> Declared:
        policy = row["policy"] or {}
        return Declared(
            ranks=ranks_of(row["sources"]),
            keep_all=frozenset(row["kept"]),
            schemas={
                name: EventSchema(self.compile(schema), named_in(schema), mode, unknown)
                for name, schema, mode, unknown in row["schemas"]
            },
            undeclared=policy.get("undeclared", "allow"),
            personal=Personal(
                frozenset(policy.get("personal_keys", ())), frozenset(policy.get("allowed_keys", ()))
            ),
            currency=row["currency"] or DEFAULT_CURRENCY,
        )


_LOAD = """
SELECT
  (SELECT coalesce(jsonb_agg(jsonb_build_array(name, priority, verified)), '[]') FROM sources
   WHERE workspace_id = $1 AND (priority <> 50 OR verified)) AS sources,
  (SELECT coalesce(jsonb_agg(name), '[]') FROM trait_rules WHERE workspace_id = $1 AND keep_all) AS kept,
  (SELECT coalesce(jsonb_agg(jsonb_build_array(event_name, schema, mode, unknown)), '[]') FROM event_schemas
   WHERE workspace_id = $1) AS schemas,
  (SELECT to_jsonb(p) FROM ingestion_policy p WHERE workspace_id = $1) AS policy,
  (SELECT currency FROM currency_settings WHERE workspace_id = $1) AS currency
"""
