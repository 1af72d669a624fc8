"""Draft → published version → paused and resumed."""

from datetime import datetime
from typing import Any

import msgspec
from chassis import workspace_lock
from chassis.clock import Clock
from chassis.database import Tx
from chassis.errors import InvalidArgument, NotFound, StateConflict
from chassis.ids import new_id

from journey_service.domain.definition import parse_definition
from journey_service.domain.problems import DefinitionError, Problem
from journey_service.store import definitions


def read_definition(raw: bytes) -> Any:
    """The definition as data; InvalidArgument with the first problem's place and all of them in words."""
    data, problems = check_definition(raw)
    if problems:
        first = problems[0]
        words = "; ".join(f"{p.pointer or '/'}: {p.detail}" for p in problems[:20])
        raise InvalidArgument(
            words,
            reason="DEFINITION_INVALID",
            pointer=first.pointer,
            reason_code=first.reason,
            field="definition",
        )
    return data


def check_definition(raw: bytes) -> tuple[Any, list[Problem]]:
    try:
        data = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return None, [Problem("", "not_json", str(error))]
    if b"\\u0000" in raw:
        return None, [Problem("", "bad_value", "the character U+0000 cannot be stored; leave it out")]
    try:
        parse_definition(data)
    except DefinitionError as error:
        return data, error.problems
    return data, []


async def create(tx: Tx, raw: bytes, now: datetime) -> Any:
    data = read_definition(raw)
    journey_id = f"jrn_{new_id().hex}"
    await definitions.insert(tx, journey_id, data["name"], data, now)
    return await definitions.get(tx, journey_id)


async def publish(tx: Tx, journey_id: str, clock: Clock) -> Any:
    row = await _held(tx, journey_id)
    # A batch that knows only what was published so far passes over events that no journey asks about: all of those
    # have to be over before the moment from which the new version relies on finding its events stored.
    await workspace_lock.take_alone(tx)
    await definitions.publish(tx, journey_id, row["version"] + 1, row["draft"], clock.now())
    return await definitions.get(tx, journey_id)


async def change_state(tx: Tx, journey_id: str, wanted: str, now: datetime) -> Any:
    """active ↔ paused; asking for the state it has is no error."""
    row = await _held(tx, journey_id)
    if row["state"] == "draft":
        raise StateConflict("the journey was never published; publish it first", state="draft")
    await definitions.set_state(tx, journey_id, wanted, row["version"], now)
    return await definitions.get(tx, journey_id)


async def _held(tx: Tx, journey_id: str) -> Any:
    row = await definitions.get(tx, journey_id, lock=True)
    if row is None:
        raise NotFound("no journey has this id", kind="journey", id=journey_id)
    return row
