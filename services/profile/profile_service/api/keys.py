"""How a caller names a person."""

from uuid import UUID

from chassis.crypto import WorkspaceCipher
from chassis.errors import InvalidArgument
from chassis.ids import argument_uuid
from waypost.profile.v1 import profile_service_pb2 as pb

from profile_service.domain.calls import Key
from profile_service.domain.identifiers import ParsePhone, Refused, normalise
from profile_service.usecases import keying


def id_of(text: str, field: str, where: str) -> UUID:
    """InvalidArgument for what is no id, which says where one is found."""
    try:
        return argument_uuid(text, field)
    except InvalidArgument as error:
        raise InvalidArgument(f"{field} is a UUID: {where}", field=field) from error


def key_of(asked: pb.IdentifierKey, cipher: WorkspaceCipher, parse_phone: ParsePhone, field: str) -> Key:
    """How the identifier is looked up. InvalidArgument, about `field`, for one that cannot be."""
    found = normalise(asked.type, asked.scope, asked.value, parse_phone)
    if isinstance(found, Refused):
        raise InvalidArgument(found.detail, field=field, why=found.reason)
    return keying.key_of(found, cipher)
