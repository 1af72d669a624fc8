"""Forms and codes that cannot work are refused when they are written, with the reason."""

from typing import Any

import pytest
from gateway_service.forms.definition import FormDefinition, redirect_origin
from gateway_service.qr_codes.definition import QrDefinition, with_parameters
from pydantic import ValidationError

FIELD: dict[str, Any] = {"name": "a", "kind": "text", "label": "A", "trait": "a"}
BOX = {"name": "b", "text": "B", "text_version": "1", "channel": "sms", "purpose": "marketing"}
FORM: dict[str, Any] = {"languages": ["en", "zh"], "title": "T", "fields": [FIELD]}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"identifier": "phone"}, "not verified"),
        ({"identifier": "member_id", "kind": "number"}, "kind text or hidden"),
        ({"trait": ""}, "what becomes of the answer"),
        ({"kind": "choice"}, "options"),
        ({"options": [{"value": "a", "label": "A"}]}, "options"),
        ({"kind": "choice", "options": [{"value": "a", "label": "A"}] * 2}, "same value"),
        ({"min": 5, "max": 1}, "min is more than max"),
        ({"min": 0.5}, "whole numbers"),
        ({"min": "2026-01-01"}, "days"),
        ({"kind": "date", "max": 5}, "days"),
        ({"kind": "phone", "min": 5}, "no min and max"),
        ({"kind": "hidden", "required": True}, "hidden"),
        ({"name": "_url"}, "pattern"),
        ({"label": None}, "label is missing"),
        ({"label": {"en": "only"}}, "missing in zh"),
    ],
)
def test_a_field_that_cannot_work_is_refused(wrong: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        FormDefinition.model_validate({**FORM, "fields": [{**FIELD, **wrong}]})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"fields": [FIELD, FIELD]}, "named a"),
        ({"once_by": "a"}, "required field"),
        ({"fields": [{**FIELD, "identifier": "member_id"}], "consents": [BOX]}, "in their name"),
        ({"opens_at": "2026-01-02T00:00:00Z", "closes_at": "2026-01-01T00:00:00Z"}, "not before"),
        ({"policy_url": "javascript:alert(1)"}, "policy_url"),
        ({"hosts": ["https://shop.example.com"]}, "a host"),
        ({"hosts": ["shop.example.com; script-src *"]}, "a host"),
        *(
            ({"redirect_url": url, "hosts": ["shop.example.com"]}, "redirect_url")
            for url in (
                "https://evil.example/x",
                "http://shop.example.com/",
                "//shop.example.com/",
                "https://shop.example.com@evil.example/",
                "https://shop.example.com\\@evil.example/",
                "https://evil.example\n.shop.example.com/",
                "javascript:alert(1)",
            )
        ),
    ],
)
def test_a_form_that_cannot_work_is_refused(wrong: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        FormDefinition.model_validate({**FORM, **wrong})


def test_a_form_reads_itself_again() -> None:
    fields = [
        FIELD,
        {**FIELD, "name": "b", "kind": "date", "min": "2026-01-31"},
        {**FIELD, "name": "c", "kind": "number", "min": 1, "max": 2.5},
    ]
    form = FormDefinition.model_validate({**FORM, "fields": fields})
    assert FormDefinition.model_validate(form.model_dump(mode="json")) == form
    assert form.fields[1].model_dump(mode="json")["min"] == "2026-01-31"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "link"},
        {"kind": "link", "url": "http://shop.example.com/"},
        {"kind": "link", "url": "https://a@b.example/"},
        {"kind": "link", "url": "https://a.example/", "form_id": "x"},
        {"kind": "link", "url": "https://a.example/", "scene": "x"},
        {"kind": "wecom_contact_way"},
        {"kind": "wechat_oa", "scene": "a", "url": "https://shop.example.com/"},
        {"kind": "wechat_oa", "scene": "a b"},
    ],
)
def test_a_code_that_leads_nowhere_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        QrDefinition.model_validate(wrong)


def test_parameters_do_not_change_where_a_code_leads() -> None:
    parameters = {"utm_source": "a&b#c", "shop": "s"}
    code = QrDefinition(kind="link", url="https://shop.example.com/p?x=1#y", parameters=parameters)
    led = with_parameters(code.url, code, "v")
    assert led == "https://shop.example.com/p?x=1&utm_source=a%26b%23c&ajs_aid=v#y"
    assert redirect_origin(led) == "https://shop.example.com"
