"""waypost.dispatch.v1.MessageService: parse → use case → render."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import context
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import new_id
from chassis.paging import Pages
from chassis.requests import once
from waypost.dispatch.v1 import message_service_pb2 as pb
from waypost.dispatch.v1 import message_service_pb2_grpc

from dispatch_service.api import convert
from dispatch_service.api.timeline_servicer import MOST_IDS
from dispatch_service.channels.kinds import CHANNELS
from dispatch_service.domain.content import PARTS, Content
from dispatch_service.domain.messages import Account
from dispatch_service.mail.unsubscribe_links import UnsubscribeLinks
from dispatch_service.ports import Providers, TemplateCheck
from dispatch_service.queries import messages as message_queries
from dispatch_service.store import templates
from dispatch_service.store.templates import Body
from dispatch_service.usecases.check_template import check_template
from dispatch_service.usecases.record_callback import RecordCallback
from dispatch_service.usecases.set_limit import set_limit
from dispatch_service.usecases.unsubscribe import Unsubscribe

PAGE, LARGEST_PAGE = 50, 200


class MessageServicer(message_service_pb2_grpc.MessageServiceServicer):  # type: ignore[misc]
    def __init__(
        self,
        database: Database,
        clock: Clock,
        pages: Pages,
        providers: Providers,
        checks: TemplateCheck,
        record_callback: RecordCallback,
        links: UnsubscribeLinks,
        unsubscribe: Unsubscribe,
    ) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages
        self._providers = providers
        self._checks = checks
        self._record_callback = record_callback
        self._links = links
        self._unsubscribe = unsubscribe

    async def GetMessage(self, request: pb.GetMessageRequest, _: Any) -> pb.GetMessageResponse:
        message_id = convert.uuid(request.message_id, "message_id")
        async with self._database.transaction(context.current().workspace_id) as tx:
            found = await message_queries.get(tx, message_id)
        if found is None:
            raise NotFound("there is no such message", kind="message", id=request.message_id)
        return pb.GetMessageResponse(message=convert.message(*found))

    async def ListMessages(self, request: pb.ListMessagesRequest, _: Any) -> pb.ListMessagesResponse:
        profile_id = convert.uuid(request.profile_id, "profile_id") if request.profile_id else None
        if len(request.identity_ids) > MOST_IDS:
            raise InvalidArgument(f"at most {MOST_IDS} ids", field="identity_ids")
        identity_ids = [convert.uuid(one, "identity_ids") for one in request.identity_ids]
        state = convert.state_name(request.state)
        wanted = message_queries.Filter(profile_id, identity_ids, request.journey_id, state)
        bound_to = ("messages", request.profile_id, request.journey_id, wanted.state)
        position = self._pages.position(request.page_token, *bound_to)
        before = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else None
        size = self._pages.size(request.page_size, PAGE, LARGEST_PAGE)
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await message_queries.page(tx, wanted, before, size + 1)
            shown = rows[:size]
            attempts = await message_queries.attempts(tx, [(r["bucket"], r["message_id"]) for r in shown])
        token = ""
        if len(rows) > size:
            last = shown[-1]
            token = self._pages.token([last["created_at"].isoformat(), str(last["message_id"])], *bound_to)
        return pb.ListMessagesResponse(messages=convert.messages(shown, attempts), next_page_token=token)

    async def GetMessageReport(
        self, request: pb.GetMessageReportRequest, _: Any
    ) -> pb.GetMessageReportResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            report = await message_queries.report(tx, request.journey_id)
        return pb.GetMessageReportResponse(
            outcomes=[convert.outcome(row) for row in report.outcomes],
            intentions=report.intentions,
            attempts=report.attempts,
        )

    async def RecordCallback(self, request: pb.RecordCallbackRequest, _: Any) -> pb.RecordCallbackResponse:
        settled, unknown, opted_out = await self._record_callback(
            context.current().workspace_id,
            request.channel,
            request.account,
            dict(request.headers),
            request.body,
        )
        return pb.RecordCallbackResponse(recorded=settled.changed, unknown=unknown, opted_out=opted_out)

    async def Unsubscribe(self, request: pb.UnsubscribeRequest, _: Any) -> pb.UnsubscribeResponse:
        workspace_id = context.current().workspace_id
        await self._unsubscribe(workspace_id, self._links.message_id(workspace_id, request.token))
        return pb.UnsubscribeResponse()

    async def ListChannels(self, request: pb.ListChannelsRequest, _: Any) -> pb.ListChannelsResponse:
        pairs = [(provider, CHANNELS[provider.channel]) for provider in self._providers.all()]
        return pb.ListChannelsResponse(channels=[convert.channel(*pair) for pair in pairs])

    async def CreateTemplate(self, request: pb.CreateTemplateRequest, _: Any) -> pb.CreateTemplateResponse:
        body = Body(request.channel, Content(*(getattr(request, part) for part in PARTS)))
        await check_template(CHANNELS, self._checks, request.name, body.channel, body.content)

        async def work(tx: Tx) -> pb.CreateTemplateResponse:
            async def create() -> pb.CreateTemplateResponse:
                template_id = f"tpl_{new_id().hex}"
                await templates.add(tx, template_id, request.name, body, self._clock.now())
                row = await templates.get(tx, template_id)
                return pb.CreateTemplateResponse(template=convert.template(row))

            return await once(tx, request, pb.CreateTemplateResponse, create)

        return await self._database.run(context.current().workspace_id, work)

    async def GetTemplate(self, request: pb.GetTemplateRequest, _: Any) -> pb.GetTemplateResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            row = await templates.get(tx, request.template_id)
        if row is None:
            raise NotFound("there is no such template", kind="template", id=request.template_id)
        return pb.GetTemplateResponse(template=convert.template(row))

    async def ListTemplates(self, request: pb.ListTemplatesRequest, _: Any) -> pb.ListTemplatesResponse:
        position = self._pages.position(request.page_token, "templates")
        after = (datetime.fromisoformat(position[0]), position[1]) if position else None
        size = self._pages.size(request.page_size, PAGE, LARGEST_PAGE)
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await templates.page(tx, after, size + 1)
        token = ""
        if len(rows) > size:
            last = rows[size - 1]
            token = self._pages.token([last["created_at"].isoformat(), last["template_id"]], "templates")
        return pb.ListTemplatesResponse(
            templates=[convert.template(row) for row in rows[:size]], next_page_token=token
        )

    async def ListLimits(self, request: pb.ListLimitsRequest, _: Any) -> pb.ListLimitsResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await message_queries.limits(tx)
        return pb.ListLimitsResponse(limits=[convert.limit(**dict(row)) for row in rows])

    async def SetLimit(self, request: pb.SetLimitRequest, _: Any) -> pb.SetLimitResponse:
        workspace_id, asked, now = context.current().workspace_id, request.limit, self._clock.now()
        account = Account(workspace_id, asked.channel, asked.account)

        async def work(tx: Tx) -> pb.SetLimitResponse:
            async def change() -> pb.SetLimitResponse:
                await set_limit(tx, self._providers, account, asked.per_second, asked.source, now)
                source = asked.source or "manual"
                limit = convert.limit(asked.channel, asked.account, asked.per_second, source, now)
                return pb.SetLimitResponse(limit=limit)

            return await once(tx, request, pb.SetLimitResponse, change)

        return await self._database.run(workspace_id, work)
