"""Where visitors' answers come in: each is checked, counted once, and answered when the broker has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from chassis.clock import Clock
from chassis.crypto import Ciphers
from chassis.database import Database
from chassis.errors import BrokerUnavailable
from chassis.grpc_client import RemoteError
from waypost.profile.v1 import seen_service_pb2

from gateway_service.forms import answers as reading
from gateway_service.forms.answers import Answers, Fault, Posted
from gateway_service.forms.definition import FormDefinition, unavailable
from gateway_service.forms.submission import Visit, records
from gateway_service.ingest.commit import GroupCommit, QueueFull
from gateway_service.ingest.live import Live
from gateway_service.problems import Problem
from gateway_service.remote import Remote
from gateway_service.store import forms, public_links, submissions
from gateway_service.store.submissions import Submission

SEEN_S = 1.0
"""How long profile may take to say whether somebody answered before."""


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form that was published, as visitors meet it."""

    workspace_id: UUID
    form_id: UUID
    name: str
    version: int
    definition: FormDefinition
    unavailable: str
    """closed, not_yet or full; empty when it takes answers."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`taken` also when the same answer came before."""

    kind: Literal["taken", "faulty", "already", "full", "too_much", "later"]
    faults: Mapping[str, Fault] = field(default_factory=dict)


class FormDoor:
    def __init__(
        self,
        database: Database,
        ciphers: Ciphers,
        commit: GroupCommit,
        live: Live,
        remote: Remote,
        clock: Clock,
    ) -> None:
        self._database = database
        self._ciphers = ciphers
        self._commit = commit
        self._live = live
        self._remote = remote
        self._clock = clock

    async def find(self, token: str) -> OpenForm:
        """Problem 404 for a token of nothing, or of a form that was never published."""
        link = await public_links.find(self._database, token, "form")
        if link is not None:
            now = self._clock.now()
            async with self._database.transaction(link.workspace_id) as tx:
                stored = await forms.get(tx, link.object_id)
                published = await forms.version(tx, link.object_id, stored.version) if stored else None
                if stored and published:
                    definition = FormDefinition.model_validate(published.definition)
                    limited = definition.max_submissions is not None
                    taken = await submissions.count(tx, stored.form_id, now) if limited else 0
                    why = unavailable(definition, stored.state, taken, now)
                    return OpenForm(
                        link.workspace_id, stored.form_id, stored.name, stored.version, definition, why
                    )
        raise Problem(404, "NOT_FOUND", "no form has this address")

    async def submit(self, form: OpenForm, visit: Visit, posted: Posted, trace: str) -> Outcome:
        """Of a form that is open; whether it is full shows here. Raises DatabaseUnavailable: then nothing was stored, or all of it."""
        accepted = self._clock.now()
        answers, faults = reading.read(form.definition, posted)
        if faults:
            return Outcome("faulty", faults)
        visit = replace(visit, key=self._key(form, visit, answers))
        decoded = records(form.definition, answers, visit, accepted, trace)
        if decoded.rejected:
            return Outcome("too_much")
        one = Submission(form.form_id, visit.submission_id, form.version, visit.qr_code_id, accepted)
        async with self._database.transaction(form.workspace_id) as tx:
            place = await submissions.reserve(tx, one, form.definition.max_submissions)
        if place != "reserved":
            return Outcome("taken" if place == "stored" else "full")
        if form.definition.once_by and await self._answered(form, visit.key):
            await self._release(form, one)
            return Outcome("already")
        return await self._store(form, one, decoded.records)

    async def _store(self, form: OpenForm, one: Submission, found: list[bytes]) -> Outcome:
        try:
            await self._commit.submit(form.workspace_id, "live", found)
        except (BrokerUnavailable, QueueFull):
            await self._release(form, one)
            return Outcome("later")
        async with self._database.transaction(form.workspace_id) as tx:
            await submissions.settle(tx, one)
        self._live.note(form.workspace_id, found)
        return Outcome("taken")

    async def _release(self, form: OpenForm, one: Submission) -> None:
        async with self._database.transaction(form.workspace_id) as tx:
            await submissions.release(tx, one)

    def _key(self, form: OpenForm, visit: Visit, answers: Answers) -> str:
        """A form that somebody answers once knows an answer by who gives it: profile stores the first, and the
        gateway keeps nothing of anybody."""
        who = reading.contact(form.definition, answers)
        if not who:
            return f"form:{form.form_id}:{visit.submission_id}"
        index = self._ciphers.of(form.workspace_id).blind_index(f"form:{form.form_id}", who)
        return f"form:{form.form_id}:once:{index.hex()}"

    async def _answered(self, form: OpenForm, key: str) -> bool:
        """When profile cannot say, the answer is taken: of two with one key it stores the first in any case."""
        request = seen_service_pb2.ListSeenMessagesRequest(message_ids=[key])
        try:
            answer = await self._remote.call_for(
                "profile", "ListSeenMessages", request, form.workspace_id, deadline_s=SEEN_S
            )
        except (RemoteError, Problem):
            return False
        return bool(answer.message_ids)
