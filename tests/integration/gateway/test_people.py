"""People by many ways over REST: real servers with the chassis's frame, servicers that answer fixed things."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from chassis import context
from chassis.clock import SystemClock
from chassis.context import ContextSigner
from chassis.errors import InvalidArgument, NotFound, StateConflict
from chassis.grpc_server import GrpcServer, Servicer
from chassis.ids import new_id
from chassis.keyring import Keyring
from waypost.dispatch.v1 import timeline_service_pb2 as dispatch_pb
from waypost.dispatch.v1 import timeline_service_pb2_grpc as dispatch_grpc
from waypost.profile.v1 import correction_service_pb2 as correction_pb
from waypost.profile.v1 import correction_service_pb2_grpc as correction_grpc
from waypost.profile.v1 import profile_service_pb2 as profile_pb
from waypost.profile.v1 import profile_service_pb2_grpc, search_service_pb2_grpc
from waypost.profile.v1 import search_service_pb2 as pb
from waypost_dev.ports import pick_free

PERSON = str(new_id())
PROFILE = profile_pb.Profile(
    profile_id=PERSON, traits_json='{"city": "上海", "full_name": "张伟"}'.encode(), etag="e1"
)


class People(profile_service_pb2_grpc.ProfileServiceServicer):
    async def GetProfile(self, request: Any, _: Any) -> Any:
        if request.identifier.type in ("phone", "email"):
            raise NotFound("nobody has it for an identifier", kind="profile")
        return profile_pb.GetProfileResponse(profile=PROFILE)


class Search(search_service_pb2_grpc.SearchServiceServicer):
    def __init__(self, seen: list[Any]) -> None:
        self.seen = seen

    async def BatchGetProfiles(self, request: Any, _: Any) -> Any:
        self.seen.append(request)
        return pb.BatchGetProfilesResponse(profiles=[PROFILE], positions=[0, -1, 0][: len(request.profiles)])

    async def SearchProfiles(self, request: Any, _: Any) -> Any:
        self.seen.append(request)
        several = PROFILE, profile_pb.Profile(profile_id=str(new_id()))
        asked = request.name or request.phone or request.email
        found = {"无": (), "张": (PROFILE,), "+": (PROFILE,)}.get(asked[:1], several)
        # The first page of a search may be empty.
        return pb.SearchProfilesResponse(
            profiles=found if request.page_token else (), next_page_token="" if request.page_token else "two"
        )

    async def ListProfiles(self, request: Any, _: Any) -> Any:
        self.seen.append(request)
        return pb.ListProfilesResponse(profiles=[PROFILE], next_page_token="two")

    async def GetProfileAsOf(self, request: Any, _: Any) -> Any:
        self.seen.append(request)
        return pb.GetProfileAsOfResponse(profile=PROFILE)

    async def ListTimeline(self, request: Any, _: Any) -> Any:
        self.seen.append(request)
        item = pb.TimelineItem(kind="event", item_id="e", name="Seen", details_json=b"{}", page_token="t")
        item.event_time.FromJsonString("2026-01-01T00:00:00Z")
        return pb.ListTimelineResponse(items=[item], profile_ids=[PERSON], identity_ids=[PERSON])

    async def ListChanges(self, request: Any, _: Any) -> Any:
        if request.page_token == "old":
            raise InvalidArgument("begin anew", reason="CURSOR_EXPIRED", field="after")
        change = pb.ProfileChange(profile_id=PERSON, version=7, changed=["traits.city"], cause="message:m")
        return pb.ListChangesResponse(changes=[change], next_page_token="next", caught_up=True)


class Corrections(correction_grpc.CorrectionServiceServicer):
    def __init__(self, seen: list[Any]) -> None:
        self.seen = seen

    async def CorrectTraits(self, request: Any, _: Any) -> Any:
        self.seen.append((context.current(), request))
        if request.etag not in ("", "e1"):
            raise StateConflict("changed meanwhile", reason="ETAG_MISMATCH")
        return correction_pb.CorrectTraitsResponse(profile=PROFILE)


class Messages(dispatch_grpc.TimelineServiceServicer):
    async def ListTimeline(self, request: Any, _: Any) -> Any:
        assert list(request.identity_ids) == [PERSON]
        item = dispatch_pb.TimelineItem(message_id="m", channel="sms", state="delivered", page_token="t")
        item.create_time.FromJsonString("2026-01-02T00:00:00Z")
        return dispatch_pb.ListTimelineResponse(items=[item])


@pytest.fixture
def seen() -> list[Any]:
    return []


@pytest.fixture
async def served(
    start_gateway: Callable[..., AbstractAsyncContextManager[Any]],
    gateway_secrets: Any,
    nats_url: str,
    seen: list[Any],
) -> AsyncIterator[Any]:
    address = f"127.0.0.1:{pick_free()}"
    servicers = [
        Servicer("w", profile_service_pb2_grpc.add_ProfileServiceServicer_to_server, People()),
        Servicer("p", search_service_pb2_grpc.add_SearchServiceServicer_to_server, Search(seen)),
        Servicer("c", correction_grpc.add_CorrectionServiceServicer_to_server, Corrections(seen)),
        Servicer("d", dispatch_grpc.add_TimelineServiceServicer_to_server, Messages()),
    ]
    signer = ContextSigner(Keyring(bytes.fromhex(gateway_secrets[1].read_text())), SystemClock())
    server = GrpcServer("all", address, servicers, signer)
    await server.start()
    await server.set_ready(True)
    try:
        async with start_gateway(nats_url, peers=dict.fromkeys(("profile", "dispatch"), address)) as gateway:
            yield gateway
    finally:
        await server.stop(grace=0)


async def ask(served: Any, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    sent = {**served.bearer, "Content-Type": "application/json", **headers}
    status, answer, _ = await served.call(method, path, body, sent)
    return status, answer


async def test_many_at_once(served: Any, seen: list[Any]) -> None:
    asked = [PERSON, "user_id:nobody", "phone:+8613912345678"]
    status, answer = await ask(served, "POST", "/v1/profiles:batchGet", {"profiles": asked})
    assert status == 200
    assert [one and one["profile_id"] for one in answer["items"]] == [PERSON, None, PERSON]
    assert answer["missing"] == [1]
    assert [one.WhichOneof("key") for one in seen[0].profiles] == ["profile_id", "identifier", "identifier"]
    status, refused = await ask(served, "POST", "/v1/profiles:batchGet", {"profiles": ["user_id:1", "x"]})
    assert (status, refused["errors"][0]["pointer"]) == (400, "/profiles/1")
    many = ["user_id:1"] * 501
    assert (await ask(served, "POST", "/v1/profiles:batchGet", {"profiles": many}))[0] == 422


async def test_search_lists_and_lookup_finds_the_one(served: Any, seen: list[Any]) -> None:
    body = {"name": "张伟", "page_token": "two"}
    status, page = await ask(served, "POST", "/v1/profiles:search", body)
    assert (status, [one["profile_id"] for one in page["items"]]) == (200, [PERSON])
    assert (await ask(served, "POST", "/v1/profiles:search", {"name": "x", "phone_last4": "1234"}))[0] == 422
    _, found = await ask(served, "POST", "/v1/profiles:lookup", {"name": "张伟"})
    # Nobody is here who could tell more.
    told = [found[key] for key in ("profile_id", "segments", "scores", "missing")]
    assert told == [PERSON, None, None, ["scoring", "segment"]]
    for name, reason in (("无人", "NOT_FOUND"), ("李雷", "SEVERAL_FIT")):
        _, refused = await ask(served, "POST", "/v1/profiles:lookup", {"name": name})
        assert refused["reason"] == reason
    for number in ({"phone": "+8613912345678"}, {"type": "phone", "value": "+8613912345678"}):
        assert (await ask(served, "POST", "/v1/profiles:lookup", number))[1]["profile_id"] == PERSON
    _, refused = await ask(served, "POST", "/v1/profiles:lookup", {"email": "several@example.com"})
    assert refused["reason"] == "SEVERAL_FIT"
    query = "updated_from=2026-01-01T08:00:00%2B08:00&identifier_type=email&org_unit=s1&page_size=7"
    status, page = await ask(served, "GET", f"/v1/profiles?{query}")
    assert (status, page["next_page_token"]) == (200, "two")
    assert seen[-1].update_from_time.ToJsonString() == "2026-01-01T00:00:00Z"
    assert (await ask(served, "GET", "/v1/profiles?updated_from=2026-01-01T08:00:00.5+08:00"))[0] == 200
    assert seen[-1].update_from_time.ToJsonString() == "2026-01-01T00:00:00.500Z"
    await ask(served, "GET", f"/v1/profiles?{query}")
    assert (seen[-1].identifier_type, seen[-1].org_unit_id, seen[-1].page_size) == ("email", "s1", 7)
    for wrong in ("2026-01-01T00:00:00", "0001-01-01T00:00:00%2B10:00"):
        assert (await ask(served, "GET", f"/v1/profiles?created_to={wrong}"))[0] == 422


async def test_what_is_personal_is_hidden_from_whoever_may_not_see_it(served: Any) -> None:
    async def names(scopes: list[str]) -> set[str]:
        key = {"name": " ".join(scopes), "kind": "secret", "scopes": scopes}
        _, made = await ask(served, "POST", "/v1/api-keys", key)
        headers = {"Authorization": f"Bearer {made['key']}"}
        as_of = f"/v1/profiles/{PERSON}?as_of=2026-01-01T00:00:00Z"
        found = [
            (await ask(served, "GET", as_of, **headers))[1],
            (await ask(served, "GET", "/v1/profiles", **headers))[1]["items"][0],
            (await ask(served, "POST", "/v1/profiles:batchGet", {"profiles": [PERSON]}, **headers))[1]["items"][0],
        ]  # fmt: skip
        assert {one["traits"]["city"] for one in found} == {"上海"}
        return {one["traits"]["full_name"] for one in found}

    assert await names(["profiles:read"]) == {"***"}
    assert await names(["profiles:read", "personal:read"]) == {"张伟"}


async def test_a_time_line_without_those_who_are_away(served: Any) -> None:
    status, answer = await ask(served, "GET", f"/v1/profiles/{PERSON}/timeline")
    assert status == 200
    assert [(one["kind"], one["title"]["zh"]) for one in answer["items"]] == [
        ("message", "短信已送达"),
        ("event", "Seen"),
    ]
    assert answer["missing"] == ["journey"]
    status, answer = await ask(served, "GET", f"/v1/profiles/{PERSON}/timeline?types=message&page_size=1")
    assert ([one["kind"] for one in answer["items"]], answer["missing"]) == (["message"], [])
    _, refused = await ask(served, "GET", f"/v1/profiles/{PERSON}/timeline?types=dream")
    assert refused["errors"][0]["pointer"] == "#types"


async def test_the_feed_and_a_cursor_that_is_too_old(served: Any) -> None:
    status, answer = await ask(served, "GET", "/v1/profiles/changes?page_size=5")
    assert (status, answer["cursor"], answer["caught_up"]) == (200, "next", True)
    assert answer["items"][0]["changed"] == ["traits.city"]
    status, refused = await ask(served, "GET", "/v1/profiles/changes?after=old")
    assert (status, refused["reason"]) == (410, "CURSOR_EXPIRED")


async def test_a_correction_with_its_precondition(served: Any, seen: list[Any]) -> None:
    path = f"/v1/profiles/{PERSON}"
    status, answer = await ask(served, "PATCH", path, {"traits": {"city": "上海"}}, **{"If-Match": '"e1"'})
    assert (status, answer["etag"]) == (200, "e1")
    tenant, request = seen[-1]
    assert (tenant.caller, request.etag, request.traits_json) == ("gateway", "e1", '{"city":"上海"}'.encode())
    status, refused = await ask(served, "PATCH", path, {"traits": {"city": "x"}}, **{"If-Match": '"e0"'})
    assert (status, refused["reason"]) == (412, "ETAG_MISMATCH")
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    status, refused = await ask(served, "PATCH", path, {"traits": {"city": deep}})
    assert (status, refused["errors"][0]["reason"]) == (400, "too_deep")
    for wrong in ({"traits": {}}, {}, {"traits": {"a": 1}, "b": 2}):
        assert (await ask(served, "PATCH", path, wrong))[0] == 422
    phone = "/v1/profiles/phone:+8613912345678"
    assert (await ask(served, "PATCH", phone, {"traits": {"a": 1}}))[1]["reason"] == "PERSONAL_DATA_IN_URL"
