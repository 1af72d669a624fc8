"""A time line out of several parts: in order, complete, each item once, whoever is away in between."""

from datetime import UTC, datetime, timedelta

from gateway_service.time_line import Item, Part, Place, merge
from gateway_service.time_line_words import title_of
from hypothesis import given, settings
from hypothesis import strategies as st

START = datetime(2026, 1, 1, tzinfo=UTC)
reached = {"cases": 0, "ties": 0, "away": 0, "pages": 0}


def item(part: str, number: int, minute: int) -> Item:
    return Item("event", f"{part}{number}", START + timedelta(minutes=minute), "", {}, str(number))


def answer(items: list[Item], place: Place, size: int) -> Part:
    """As a service answers: items newest first, tokens are positions in them."""
    start = int(place.token) + 1 if place.token else 0
    fitting = [i for i in items[start:] if place.until is None or i.at < place.until]
    return Part(fitting[:size], len(fitting) > size)


@settings(max_examples=300, deadline=None)
@given(
    minutes=st.dictionaries(
        st.sampled_from("abc"), st.lists(st.integers(0, 12), max_size=12), min_size=1, max_size=3
    ),
    size=st.integers(1, 5),
    away=st.lists(st.sampled_from("abc-----"), max_size=12),
)
def test_pages_are_the_merged_list(minutes: dict[str, list[int]], size: int, away: list[str]) -> None:
    line = {
        part: [item(part, n, m) for n, m in enumerate(sorted(times, reverse=True))]
        for part, times in minutes.items()
    }
    places = {part: Place() for part in line}
    shown: list[Item] = []
    missed: set[str] = set()
    pages = 0
    while True:
        absent = away[pages] if pages < len(away) else "-"
        parts = {
            part: Part(None) if part == absent else answer(line[part], place, size)
            for part, place in places.items()
            if not place.done
        }
        merged = merge(parts, places, size)
        assert merged.missing == [part for part in parts if part == absent]
        missed |= set(merged.missing)
        shown += merged.items
        pages += 1
        if not merged.places:
            break
        places = merged.places
        assert pages < 60
    times = [one.at for one in shown]
    assert times == sorted(times, reverse=True)
    ids = [one.item_id for one in shown]
    assert len(ids) == len(set(ids))
    for part in line.keys() - missed:
        assert [i for i in ids if i[0] == part] == [one.item_id for one in line[part]], part
    every = [m for one in minutes.values() for m in set(one)]
    reached["cases"] += 1
    reached["ties"] += len(every) > len(set(every))
    reached["away"] += bool(missed)
    reached["pages"] += pages > 2


def test_what_was_reached() -> None:
    print(reached)
    assert all(count > reached["cases"] * 0.2 for count in reached.values())


def test_titles_in_two_languages() -> None:
    def titled(kind: str, name: str = "", **details: object) -> tuple[str, str]:
        return tuple(title_of(Item(kind, "i", START, name, details, "")))

    assert titled("event", "Seen") == ("Seen", "Seen")
    assert titled("order", "o-1", state="refunded") == ("Order o-1 refunded", "订单 o-1 已退款")
    assert titled("message", channel="sms", state="delivered") == ("SMS delivered", "短信已送达")
    assert titled("message", channel="fax", state="eaten") == ("fax eaten", "faxeaten")
    assert titled("journey_step", "Trial", node_id="", outcome="entered")[1] == "进入旅程 Trial"
    assert titled("journey_step", "Trial", node_id="end", outcome="exit:completed")[0] == (
        "Left Trial at end: completed"
    )
    assert titled("journey_step", "Trial", node_id="watch", outcome="timeout")[0] == "Trial: watch, timeout"
