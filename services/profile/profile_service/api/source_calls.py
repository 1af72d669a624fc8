"""Sources and traits, as gRPC calls."""

from datetime import timedelta
from typing import Any

from chassis import context
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument
from chassis.paging import Pages
from rules import fold
from survivorship import MOST_PRIORITY
from waypost.profile.v1 import directory_service_pb2 as pb

from profile_service.api import listing
from profile_service.api.changing import change
from profile_service.store import sources
from profile_service.store.declared import Declarations


class SourceCalls:
    _database: Database
    _pages: Pages
    _clock: Clock
    _declarations: Declarations

    async def ListSources(self, request: pb.ListSourcesRequest, _context: Any) -> pb.ListSourcesResponse:
        size, after = listing.asked(self._pages, request, "sources")
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await sources.page(tx, after or "", self._clock.now().date(), size + 1)
        page, token = listing.cut(self._pages, rows, size, lambda row: row["name"], "sources")
        return pb.ListSourcesResponse(sources=map(self._source, page), next_page_token=token)

    async def SetSource(self, request: pb.SetSourceRequest, _context: Any) -> pb.SetSourceResponse:
        if not 0 <= request.priority <= MOST_PRIORITY:
            raise InvalidArgument(f"priority is a number from 0 to {MOST_PRIORITY}", field="priority")
        if request.expected_every_s < 0:
            raise InvalidArgument("expected_every_s must not be negative", field="expected_every_s")

        async def work(tx: Tx) -> pb.SetSourceResponse:
            name = request.name
            await sources.put(tx, name, request.priority, request.verified, request.expected_every_s)
            row = await sources.get(tx, name, self._clock.now().date())
            return pb.SetSourceResponse(source=self._source(row))

        response = await change(self._database, request, pb.SetSourceResponse, work)
        self._declarations.forget(context.current().workspace_id)
        return response

    async def ListTraitRules(
        self, request: pb.ListTraitRulesRequest, _context: Any
    ) -> pb.ListTraitRulesResponse:
        size, after = listing.asked(self._pages, request, "traits")
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await sources.trait_rules(tx, after or "", size + 1)
        page, token = listing.cut(self._pages, rows, size, lambda row: row["name"], "traits")
        traits = [pb.TraitRule(name=row["name"], keep_all=row["keep_all"]) for row in page]
        return pb.ListTraitRulesResponse(traits=traits, next_page_token=token)

    async def SetTraitRule(self, request: pb.SetTraitRuleRequest, _context: Any) -> pb.SetTraitRuleResponse:
        async def work(tx: Tx) -> pb.SetTraitRuleResponse:
            rule = pb.TraitRule(name=fold(request.name), keep_all=request.keep_all)
            await sources.put_trait_rule(tx, rule.name, rule.keep_all)
            return pb.SetTraitRuleResponse(trait=rule)

        response = await change(self._database, request, pb.SetTraitRuleResponse, work)
        self._declarations.forget(context.current().workspace_id)
        return response

    def _source(self, row: Any) -> pb.Source:
        every, last = row["expected_every_s"], row["last_seen"]
        stale = bool(every) and (last is None or self._clock.now() - last > timedelta(seconds=every))
        source = pb.Source(
            name=row["name"],
            priority=row["priority"],
            verified=row["verified"],
            expected_every_s=every,
            stale=stale,
            days=[pb.SourceDay(date=day, calls=calls) for day, calls in row["days"]],
        )
        if last is not None:
            source.last_seen_time.FromDatetime(last)
        return source
