"""QR codes as they are written and answered."""

from datetime import date
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway_service.ingest.decode import MAX_MESSAGE_ID_CHARS
from gateway_service.ingest.identifiers import MAX_IDENTIFIERS
from gateway_service.qr_codes.definition import QrDefinition
from gateway_service.routes._answers import Moment
from gateway_service.routes._form_answers import Identifier
from gateway_service.store.page_counts import Counted
from gateway_service.store.qr_codes import StoredCode


def address(code: StoredCode, base: str) -> str:
    """What the image of a link says."""
    return f"{base}/q/{code.token}"


class QrWriting(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    """Events carry it as qr_code_name."""
    definition: QrDefinition


class QrCode(BaseModel):
    qr_code_id: str
    name: str
    etag: str
    url: str
    """What the image says; empty for codes whose image the channel makes."""
    definition: QrDefinition
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, code: StoredCode, base: str) -> Self:
        definition = QrDefinition.model_validate(code.definition)
        return cls(
            qr_code_id=str(code.qr_code_id),
            name=code.name,
            etag=str(code.revision),
            url=address(code, base) if definition.kind == "link" else "",
            definition=definition,
            created_at=code.created_at,
            updated_at=code.updated_at,
        )


class Scan(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scene: str = Field(min_length=1, max_length=100)
    """As the channel sends it, `qrscene_` before it or not."""
    identifiers: list[Identifier] = Field(min_length=1, max_length=MAX_IDENTIFIERS)
    """Who scanned: wechat_openid with the app id as scope, wecom_external_userid with the corp id."""
    message_id: str = Field(min_length=1, max_length=MAX_MESSAGE_ID_CHARS - len("scan:"))
    """What the channel calls this very scan: told twice it counts once."""
    scanned_at: AwareDatetime | None = None
    """Now when left out."""


class ScanTaken(BaseModel):
    qr_code_id: str
    parameters: dict[str, str]


class QrDay(BaseModel):
    date: str
    """UTC."""
    scans: int
    submissions: int


class QrStatistics(BaseModel):
    scans: int
    """Of links; scans that a channel tells of are events only."""
    submissions: int
    """Answers to forms that followed."""
    dropped: int
    """Scans of which no event was stored, because the broker was away."""
    days: list[QrDay]
    """Newest first."""

    @classmethod
    def of(cls, views: tuple[Counted, dict[date, Counted]], taken: tuple[int, dict[date, int]]) -> Self:
        """All there are, and by day."""
        (seen, seen_on), (answers, answers_on) = views, taken
        return cls(
            scans=seen.views,
            submissions=answers,
            dropped=seen.dropped,
            days=[
                QrDay(
                    date=day.isoformat(),
                    scans=seen_on.get(day, Counted()).views,
                    submissions=answers_on.get(day, 0),
                )
                for day in sorted({*seen_on, *answers_on}, reverse=True)
            ],
        )
