"""A form as a page: works without scripts and on a telephone, asks nobody else for anything. Every text is escaped by
`Markup.format`."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from markupsafe import Markup

from gateway_service.forms.answers import DEFAULT_MOST, Fault, Posted
from gateway_service.forms.definition import (
    ConsentBox,
    FormDefinition,
    Language,
    Question,
    redirect_origin,
    said,
)
from gateway_service.forms.page_words import HTML_LANG, fault, word

TRAP = "_url"
"""A field that people do not see; who fills it in is a program."""
_MOST_RADIOS = 6
_STYLE = Markup(
    "*{box-sizing:border-box}body{margin:0;background:#f4f5f7;color:#1d2129;font:16px/1.5 system-ui,sans-serif}"
    "main{max-width:40rem;margin:0 auto;padding:1.5rem 1rem;background:#fff;min-height:100vh}"
    "h1{font-size:1.4rem;margin:0 0 .5rem}p{margin:.25rem 0;white-space:pre-line}"
    ".q{margin:1.25rem 0;padding:0;border:0}label,legend{display:block;font-weight:600;padding:0}"
    ".o{font-weight:400;padding:.35rem 0}.o input{margin-right:.5rem}"
    "input[type=text],input[type=tel],input[type=email],input[type=date],select,textarea{width:100%;font:inherit;"
    "padding:.6rem;border:1px solid #86909c;border-radius:.4rem;background:#fff;color:inherit}"
    "[aria-invalid=true]{border-color:#c9252d}.e{color:#c9252d}.m{color:#4e5969;font-size:.9rem;font-weight:400}"
    ".n{padding:.75rem;border-left:4px solid #c9252d;background:#fdf1f1;margin:1rem 0}"
    "button{width:100%;font:inherit;font-weight:600;padding:.75rem;border:0;border-radius:.4rem;background:#0b57d0;"
    "color:#fff}.t{position:absolute;left:-10000px}"
)
_PAGE = Markup(
    '<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="robots" content="noindex"><title>{title}</title><style>{style}</style></head>\n'
    "<body><main><h1>{title}</h1>\n{body}</main></body></html>\n"
)
_FORM = Markup(
    '<form method="post" accept-charset="utf-8">{hidden}\n{fields}\n'
    '<p class="t" aria-hidden="true"><label>{leave} <input name="{trap}" tabindex="-1" autocomplete="off"></label></p>'
    "<button>{submit}</button></form>"
)
_HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')
_HELP = Markup('<p class="m" id="h-{}">{}</p>')
_FAULT = Markup('<p class="e" id="e-{}">{}</p>')
_INPUT = Markup('<input type="{}" id="f-{}" name="{}" value="{}"{}>')
_AREA = Markup('<textarea id="f-{}" name="{}" rows="4"{}>{}</textarea>')
_BOX = Markup('<label class="o"><input type="{}" name="{}" value="{}"{}>{}</label>')
_LABELLED = Markup('<div class="q"><label for="f-{}">{}</label>{}{}{}</div>')
_GROUP = Markup('<fieldset class="q" id="f-{}"{}><legend>{}</legend>{}{}{}</fieldset>')
_SINGLE = Markup('<div class="q">{}{}{}</div>')
_POLICY = Markup('<p><a href="{}" target="_blank" rel="noopener noreferrer">{}</a></p>')
_TYPES = {"text": "text", "phone": "tel", "email": "email", "number": "text", "date": "date"}
_EXTRA = {
    "phone": Markup(' autocomplete="tel" inputmode="tel"'),
    "email": Markup(' autocomplete="email"'),
    "number": Markup(' inputmode="decimal"'),
}
_STYLE_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()


@dataclass(frozen=True, slots=True)
class Filled:
    """What a page shows beside the questions."""

    hidden: Sequence[tuple[str, str]]
    """Names and values that come back with the answers."""
    typed: Posted = field(default_factory=dict)
    faults: Mapping[str, Fault] = field(default_factory=dict)
    notice: str = ""
    """A key of the page's words."""


def headers(definition: FormDefinition) -> dict[str, str]:
    """A browser holds a form's redirect against `form-action`, so where it leads is named there."""
    leads_to = " ".join(filter(None, ("'self'", redirect_origin(definition.redirect_url))))
    frames = " ".join(f"https://{host}" for host in definition.hosts) or "'none'"
    return {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
            f"form-action {leads_to}; frame-ancestors {frames}"
        ),
    }


def asking(definition: FormDefinition, language: Language, filled: Filled) -> str:
    """The page with the form."""
    fields = [_question(q, language, filled) for q in definition.fields if q.kind != "hidden"]
    fields += [_consent(box, language, filled) for box in definition.consents]
    if definition.policy_url:
        fields.append(_POLICY.format(definition.policy_url, word("policy", language)))
    form = _FORM.format(
        hidden=Markup("").join(_HIDDEN.format(name, value) for name, value in filled.hidden),
        fields=Markup("\n").join(fields),
        leave=word("leave_empty", language),
        trap=TRAP,
        submit=said(definition.submit_label, language) or word("submit", language),
    )
    notice = filled.notice or ("check" if filled.faults else "")
    parts = (
        [Markup("<p>{}</p>").format(said(definition.description, language))] if definition.description else []
    )
    if notice:
        parts.append(Markup('<p class="n" role="alert">{}</p>').format(word(notice, language)))
    return _page(definition, language, Markup("\n").join([*parts, form]))


def telling(definition: FormDefinition, language: Language, text: str) -> str:
    """The page that only says something."""
    return _page(definition, language, Markup('<p role="status">{}</p>').format(text))


def _page(definition: FormDefinition, language: Language, body: Markup) -> str:
    title = said(definition.title, language)
    return str(_PAGE.format(lang=HTML_LANG[language], title=title, style=_STYLE, body=body))


def _question(question: Question, language: Language, filled: Filled) -> Markup:
    name, typed = question.name, filled.typed.get(question.name, ())
    label = _label(said(question.label, language), question.required, language)
    about, attributes = _about(name, said(question.help, language), filled, language)
    if question.kind == "checkbox":
        box = _BOX.format("checkbox", name, "yes", Markup(" checked") if any(typed) else "", label)
        return _SINGLE.format(box, *about)
    if question.kind in ("choice", "choices"):
        return _options(question, typed, label, about, attributes, language)
    first = typed[0] if typed else ""
    attributes += Markup(" required") if question.required else Markup("")
    if question.kind == "long_text":
        control = _AREA.format(name, name, attributes + _length(question), first)
    else:
        more = _EXTRA.get(question.kind, Markup("")) + _length(question)
        control = _INPUT.format(_TYPES[question.kind], name, name, first, attributes + more)
    return _LABELLED.format(name, label, control, *about)


def _options(
    question: Question,
    typed: Sequence[str],
    label: Markup,
    about: tuple[Markup, Markup],
    attributes: Markup,
    language: Language,
) -> Markup:
    name = question.name
    if question.kind == "choice" and len(question.options) > _MOST_RADIOS:
        blank = Markup('<option value="">{}</option>').format(word("choose", language))
        listed = Markup("").join(
            Markup('<option value="{}"{}>{}</option>').format(
                one.value, Markup(" selected") if one.value in typed else "", said(one.label, language)
            )
            for one in question.options
        )
        control = Markup('<select id="f-{}" name="{}"{}>{}{}</select>').format(
            name, name, attributes, blank, listed
        )
        return _LABELLED.format(name, label, control, *about)
    kind = "radio" if question.kind == "choice" else "checkbox"
    boxes = Markup("").join(
        _BOX.format(
            kind, name, one.value, Markup(" checked") if one.value in typed else "", said(one.label, language)
        )
        for one in question.options
    )
    return _GROUP.format(name, attributes, label, boxes, *about)


def _consent(box: ConsentBox, language: Language, filled: Filled) -> Markup:
    label = _label(said(box.text, language), box.required, language)
    about, _ = _about(box.name, "", filled, language)
    ticked = Markup(" checked") if any(filled.typed.get(box.name, ())) else ""
    return _SINGLE.format(_BOX.format("checkbox", box.name, "yes", ticked, label), *about)


def _about(
    name: str, help_text: str, filled: Filled, language: Language
) -> tuple[tuple[Markup, Markup], Markup]:
    """What stands below a field, and the attributes that tie it to the field."""
    found = filled.faults.get(name)
    below = _HELP.format(name, help_text) if help_text else Markup("")
    wrong = _FAULT.format(name, fault(found, language)) if found else Markup("")
    described = " ".join(id_ for id_, there in ((f"h-{name}", help_text), (f"e-{name}", found)) if there)
    attributes = Markup(' aria-describedby="{}"').format(described) if described else Markup("")
    return (below, wrong), attributes + (Markup(' aria-invalid="true"') if found else Markup(""))


def _label(text: str, required: bool, language: Language) -> Markup:
    mark = Markup(' <span class="m">({})</span>').format(word("required", language)) if required else ""
    return Markup("{}{}").format(text, mark)


def _length(question: Question) -> Markup:
    if question.kind == "date":
        return Markup("").join(
            Markup(' {}="{}"').format(name, bound)
            for name, bound in (("min", question.min), ("max", question.max))
            if bound is not None
        )
    most = DEFAULT_MOST.get(question.kind)
    if most is None:
        return Markup("")
    return Markup(' maxlength="{}"').format(int(question.max or most))  # type: ignore[arg-type]
