"""The page behind an unsubscribe link. It carries no key of ours: dispatch verifies the link itself.

Looking changes nothing, since scanners follow every link of a mail; the button, and the POST that mail programs make of
their own (RFC 8058), do.
"""

from html import escape
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from waypost.dispatch.v1 import message_service_pb2 as pb

from gateway_service.problems import Problem
from gateway_service.remote import Remote
from gateway_service.routes._answers import PROBLEMS
from gateway_service.words import prefers_chinese

_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>{title}</title></head>
<body><h1>{title}</h1><p>{text}</p>{form}</body></html>
"""
_FORM = '<form method="post"><button>{button}</button></form>'
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
}
_WORDS = {
    "en": {
        "title": "Unsubscribe",
        "ask": "Stop marketing messages to the address that this link was sent to?",
        "button": "Unsubscribe",
        "done": "Done: no more marketing messages will be sent to this address.",
    },
    "zh": {
        "title": "退订",
        "ask": "是否不再向收到此链接的地址发送营销信息?",
        "button": "退订",
        "done": "已退订:此地址将不再收到营销信息。",
    },
}


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(tags=["unsubscribe"], responses=PROBLEMS)

    @routes.get("/u/{token}", response_class=HTMLResponse)
    async def ask_to_unsubscribe(token: str, request: Request) -> HTMLResponse:
        _workspace(token)
        words = _words(request)
        return _page(request, words["ask"], _FORM.format(button=escape(words["button"])))

    @routes.post("/u/{token}", response_class=HTMLResponse)
    async def unsubscribe(token: str, request: Request) -> HTMLResponse:
        message = pb.UnsubscribeRequest(token=token)
        await remote.call_for("dispatch", "Unsubscribe", message, _workspace(token))
        return _page(request, _words(request)["done"], "")

    return routes


def _workspace(token: str) -> UUID:
    """A link begins with the workspace it is of."""
    try:
        return UUID(hex=token.partition(".")[0])
    except ValueError as error:
        raise Problem(404, "NOT_FOUND", "this is not an unsubscribe link of ours") from error


def _words(request: Request) -> dict[str, str]:
    return _WORDS["zh" if prefers_chinese(request.headers.get("accept-language", "")) else "en"]


def _page(request: Request, text: str, form: str) -> HTMLResponse:
    words = _words(request)
    lang = "zh-CN" if words is _WORDS["zh"] else "en"
    page = _PAGE.format(lang=lang, title=escape(words["title"]), text=escape(text), form=form)
    return HTMLResponse(page, headers=_HEADERS)
