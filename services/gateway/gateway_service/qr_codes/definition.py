"""What a code stands for, and where it leads."""

from typing import Annotated, Literal, Self
from urllib.parse import urlencode, urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway_service.forms.definition import redirect_origin
from gateway_service.public_pages import ANONYMOUS_ID

MOST_PARAMETERS = 20
MOST_PARAMETER_CHARS = 200
EVENT = "QR Code Scanned"
Parameter = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class QrDefinition(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["link", "wechat_oa", "wecom_contact_way"]
    """link: an address of ours. Of the others the channel makes the image, and sends `scene` with each scan: the scene of
    an official account's QR code, or the state of a contact way."""
    form_id: str = Field(default="", max_length=36)
    """A link leads to this form, or else to `url`."""
    url: str = Field(default="", max_length=2_000)
    scene: str = Field(default="", pattern=r"^([A-Za-z0-9_-]{1,64})?$")
    """No two codes of a workspace have the same."""
    parameters: dict[Parameter, Annotated[str, Field(max_length=MOST_PARAMETER_CHARS)]] = Field(
        default_factory=dict, max_length=MOST_PARAMETERS
    )
    """Channel, campaign, shop, staff and so on: properties of every scan, and of the answers that follow. Those named
    `utm_…` are added to the address that a link leads to."""
    org_unit: str = Field(default="", max_length=128)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind == "link":
            if bool(self.form_id) == bool(self.url):
                raise ValueError("a link leads to a form_id or to a url")
            if self.url and not redirect_origin(self.url):
                raise ValueError("url is an https address")
            if self.scene:
                raise ValueError("a link has no scene")
        elif self.form_id or self.url:
            raise ValueError(f"a code of kind {self.kind} leads nowhere by itself: leave form_id and url out")
        elif not self.scene:
            raise ValueError("scene is missing: what the channel sends with each scan")
        return self


def with_parameters(url: str, definition: QrDefinition, anonymous_id: str) -> str:
    """Where a scan leads: the campaign's parameters and the visitor's anonymous id are added."""
    added = {name: value for name, value in definition.parameters.items() if name.startswith("utm_")}
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode({**added, ANONYMOUS_ID: anonymous_id}))))
    return urlunsplit(parts._replace(query=query))
