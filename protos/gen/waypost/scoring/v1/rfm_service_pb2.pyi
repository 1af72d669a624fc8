import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ComputeRfmRequest(_message.Message):
    __slots__ = ("model", "as_of_time", "request_id")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    model: str
    as_of_time: _timestamp_pb2.Timestamp
    request_id: str
    def __init__(self, model: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ComputeRfmResponse(_message.Message):
    __slots__ = ("summary",)
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    summary: RfmSummary
    def __init__(self, summary: _Optional[_Union[RfmSummary, _Mapping]] = ...) -> None: ...

class GetRfmSummaryRequest(_message.Message):
    __slots__ = ("model", "as_of_time")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    model: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, model: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetRfmSummaryResponse(_message.Message):
    __slots__ = ("summary",)
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    summary: RfmSummary
    def __init__(self, summary: _Optional[_Union[RfmSummary, _Mapping]] = ...) -> None: ...

class RfmSummary(_message.Message):
    __slots__ = ("model", "as_of_time", "window_days", "customer_count", "order_count", "amount_minor", "groups", "recency_days_thresholds", "frequency_thresholds", "monetary_minor_thresholds")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    WINDOW_DAYS_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    RECENCY_DAYS_THRESHOLDS_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_THRESHOLDS_FIELD_NUMBER: _ClassVar[int]
    MONETARY_MINOR_THRESHOLDS_FIELD_NUMBER: _ClassVar[int]
    model: str
    as_of_time: _timestamp_pb2.Timestamp
    window_days: int
    customer_count: int
    order_count: int
    amount_minor: int
    groups: _containers.RepeatedCompositeFieldContainer[RfmGroup]
    recency_days_thresholds: _containers.RepeatedScalarFieldContainer[float]
    frequency_thresholds: _containers.RepeatedScalarFieldContainer[float]
    monetary_minor_thresholds: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, model: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., window_days: _Optional[int] = ..., customer_count: _Optional[int] = ..., order_count: _Optional[int] = ..., amount_minor: _Optional[int] = ..., groups: _Optional[_Iterable[_Union[RfmGroup, _Mapping]]] = ..., recency_days_thresholds: _Optional[_Iterable[float]] = ..., frequency_thresholds: _Optional[_Iterable[float]] = ..., monetary_minor_thresholds: _Optional[_Iterable[float]] = ...) -> None: ...

class RfmGroup(_message.Message):
    __slots__ = ("group", "label_en", "label_zh", "customer_count", "amount_minor")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    LABEL_EN_FIELD_NUMBER: _ClassVar[int]
    LABEL_ZH_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    group: str
    label_en: str
    label_zh: str
    customer_count: int
    amount_minor: int
    def __init__(self, group: _Optional[str] = ..., label_en: _Optional[str] = ..., label_zh: _Optional[str] = ..., customer_count: _Optional[int] = ..., amount_minor: _Optional[int] = ...) -> None: ...

class GetRfmScoreRequest(_message.Message):
    __slots__ = ("model", "profile_id")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    model: str
    profile_id: str
    def __init__(self, model: _Optional[str] = ..., profile_id: _Optional[str] = ...) -> None: ...

class GetRfmScoreResponse(_message.Message):
    __slots__ = ("profile_id", "recency", "frequency", "monetary", "group", "as_of_time")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RECENCY_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    MONETARY_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    recency: int
    frequency: int
    monetary: int
    group: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, profile_id: _Optional[str] = ..., recency: _Optional[int] = ..., frequency: _Optional[int] = ..., monetary: _Optional[int] = ..., group: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
