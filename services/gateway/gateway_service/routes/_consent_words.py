"""Whether the ledger of consents will take what a form's boxes say, asked before anybody ticks one."""

from collections.abc import Sequence

from waypost.profile.v1 import consent_service_pb2 as pb

from gateway_service.forms.definition import ConsentBox
from gateway_service.problems import FieldError, Problem
from gateway_service.remote import Remote
from gateway_service.store.keys import Credential


async def check_boxes(remote: Remote, credential: Credential, boxes: Sequence[ConsentBox]) -> None:
    """Raises Problem 400 with the place of each fault."""
    if not boxes:
        return
    answer = await remote.call("profile", "ListConsentTerms", pb.ListConsentTermsRequest(), credential)
    errors = []
    for number, box in enumerate(boxes):
        for kind in ("channel", "purpose"):
            value = getattr(box, kind)
            known = [term.value for term in answer.terms if term.kind == kind]
            if value not in known and not (kind == "channel" and not value and box.purpose == "profiling"):
                detail = f"{kind} is one of {', '.join(known)}"
                pointer = f"/definition/consents/{number}/{kind}"
                errors.append(FieldError(pointer=pointer, reason="unknown_value", detail=detail))
    if errors:
        raise Problem(400, "FIELD_INVALID", errors[0].detail, errors=errors)
