"""Texts that are nearly Liquid: its words in any order, whole and cut."""

from hypothesis import strategies as st

WORDS = (
    "{{ }} {% {% {% {%- %} %} %} -%} if unless elsif else endif endunless case when endcase for in endfor break continue "
    "tablerow endtablerow capture endcapture assign = cycle increment decrement comment endcomment raw endraw liquid "
    "echo doc enddoc include render ifchanged endifchanged # reversed limit: offset: cols: and or not contains == != < "
    "> <= >= <> entry entry.a entry.list entry['a'] . .. [ ] ( ) (1..9) (1..99999999999999999999) , : | ' \" \\ a b "
    "nil true false empty blank forloop.index 0 1 -1 99999999999999999999 1.5 1e999 'x' 'now'"
)
FILTERS = (
    "first last size sort uniq reverse round ceil floor abs escape url_decode url_encode base64_decode compact "
    "strip_html newline_to_br sum capitalize squish escapejs",
    "append prepend remove split join map where concat slice truncate date times divided_by modulo plus minus "
    "default find has at_most sort_natural truncatewords",
    "replace replace_first slice truncate where",
)
"""By number of arguments."""

_values = st.sampled_from(
    ("entry.a", "entry.list", "'xx'", "(1..3)", "99", "entry.people", "1.5", "'now'", "'a'")
)
_filter = (
    st.integers(0, 2)
    .flatmap(
        lambda arity: st.tuples(
            st.sampled_from(FILTERS[arity].split()), st.lists(_values, min_size=arity, max_size=arity)
        )
    )
    .map(lambda parts: f"{parts[0]}: {', '.join(parts[1])}" if parts[1] else parts[0])
)
_piped = st.tuples(_values, st.lists(_filter, max_size=8)).map(
    lambda parts: "{{ " + " | ".join((parts[0], *parts[1])) + " }}"
)
_soup = st.lists(st.sampled_from((*WORDS.split(), "\n")), min_size=2, max_size=40).map(" ".join)
_looped = st.tuples(
    st.sampled_from(("entry.list", "(1..99999999999)", "(1..40)")), st.deferred(lambda: _well)
).map(lambda parts: f"{{% for a in {parts[0]} %}}{parts[1]}{{% endfor %}}")
_assigned = st.tuples(_piped, st.deferred(lambda: _well)).map(
    lambda parts: f"{{% capture b %}}{parts[0]}{{% endcapture %}}{parts[1]}"
)
_well: st.SearchStrategy[str] = st.one_of(_piped, _looped, _assigned, st.text(max_size=20))
_cut = st.tuples(_well, st.integers(1, 12)).map(lambda parts: parts[0][: -parts[1]])
texts = st.sampled_from((_soup, _cut, _well, st.lists(_well, max_size=4).map("".join))).flatmap(
    lambda kind: kind
)
"""Template sources of every kind."""

ENTRY = {
    "a": "x" * 900,
    "list": ["x" * 50] * 500,
    "people": [{"a": n, "b": [n] * 5} for n in range(40)],
    "n": 10**18,
}
