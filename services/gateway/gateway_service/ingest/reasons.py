"""Why an event or a whole body is refused. The names are part of the public surface."""

from enum import StrEnum


class Reason(StrEnum):
    """An event of a 200: never accepted, however often it is sent."""

    EVENT_TYPE_UNKNOWN = "event_type_unknown"
    EVENT_NAME_MISSING = "event_name_missing"
    EVENT_NAME_INVALID = "event_name_invalid"
    EVENT_NAME_TOO_LONG = "event_name_too_long"
    IDENTIFIER_MISSING = "identifier_missing"
    IDENTIFIER_INVALID = "identifier_invalid"
    PROPERTIES_NOT_OBJECT = "properties_not_object"
    TRAITS_NOT_OBJECT = "traits_not_object"
    CONTEXT_NOT_OBJECT = "context_not_object"
    ORG_UNIT_INVALID = "org_unit_invalid"
    ORG_UNIT_FOREIGN = "org_unit_foreign"
    MESSAGE_ID_INVALID = "message_id_invalid"
    TIMESTAMP_INVALID = "timestamp_invalid"
    TIMESTAMP_IN_FUTURE = "timestamp_in_future"
    NUL_CHARACTER = "nul_character"
    LONE_SURROGATE = "lone_surrogate"
    VALUE_INVALID = "value_invalid"
    EVENT_TOO_LARGE = "event_too_large"
    TOO_DEEP = "too_deep"
    TOO_MANY_FIELDS = "too_many_fields"
    EVENT_NOT_OBJECT = "event_not_object"


class BodyReason(StrEnum):
    """A body that is refused as a whole: 400, or 413 for the sizes."""

    GZIP_INVALID = "gzip_invalid"
    ENCODING_UNKNOWN = "encoding_unknown"
    JSON_INVALID = "json_invalid"
    BODY_NOT_OBJECT = "body_not_object"
    BATCH_NOT_ARRAY = "batch_not_array"
    LANE_UNKNOWN = "lane_unknown"
    SENT_AT_INVALID = "sent_at_invalid"
    CONTEXT_NOT_OBJECT = "context_not_object"
    BODY_TOO_LARGE = "body_too_large"
    EVENT_TOO_LARGE = "event_too_large"


class BodyRefused(Exception):
    """Nothing of the body is taken."""

    def __init__(self, reason: BodyReason, detail: str, status: int = 400) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.status = status
