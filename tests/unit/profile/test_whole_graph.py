"""Everybody at once is what `partition` says of the same facts: people, refusals, suspects, and no difference when that
is what is stored."""

from collections import Counter
from dataclasses import replace
from random import Random
from uuid import UUID, uuid5

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_service.domain.id_rows import NONE, IdRows, packed
from profile_service.domain.identity_settings import DAY_MS, SHIPPED, IdentitySettings
from profile_service.domain.partition import Edge, Facts, NeverLink, Partition, partition
from profile_service.domain.whole_graph import (
    ACCEPTED,
    Graph,
    Rebuilt,
    conflicts,
    decide,
    differences,
    digest,
    never_links,
    pairs,
    rebuild,
)

SEEN: Counter[str] = Counter()
EXAMPLES = 200
SPACE = UUID(int=9)
KINDS = ("user_id", "crm_id", "phone", "email", "wechat_openid")
APPS = ("wx1", "wx2")
FEW = {"crm_id": {"most": 1, "days": 2}, "phone": {"most": 1}}
FEW_OF_SOME = tuple(replace(t, **FEW.get(t.name, {})) for t in SHIPPED)
STRICT = IdentitySettings(types=FEW_OF_SOME, cluster_cap=4, suspect_people=3)
LOOSE = IdentitySettings(suspect_people=8)
RANK = {t.name: n for n, t in enumerate(SHIPPED)}
Key = tuple[str, str, bytes]


def identity(key: Key) -> UUID:
    return uuid5(SPACE, repr(key))


def history(chance: Random) -> Facts:
    """Few values, so that people meet, clash and are named with too many; an openid is one of two apps'."""
    values = chance.choice((2, 4, 8))

    def key() -> Key:
        kind = chance.choice(KINDS)
        return kind, chance.choice(APPS) if kind == "wechat_openid" else "", b"%d" % chance.randrange(values)

    hubs = [key() for _ in range(chance.choice((2, 5, 40)))]
    edges, known = {}, set(hubs)
    for n in range(chance.choice((4, 12, 30))):
        a, b = chance.choice(hubs), key()
        if a != b:
            known.add(b)
            low, high = sorted((identity(a), identity(b)))
            at, by_hand = chance.randrange(8) * DAY_MS // 2, chance.random() < 0.1
            message = str(UUID(int=n)) if by_hand else chance.choice("abc")
            edges[low, high] = Edge(low, high, at, message, by_hand)
    some = sorted(known)
    apart = [
        (set(chance.choices(some, k=2)), set(chance.choices(some, k=2))) for _ in range(chance.randrange(3))
    ]
    never = [
        NeverLink(UUID(int=n), frozenset(map(identity, a)), frozenset(map(identity, b - a)))
        for n, (a, b) in enumerate(apart)
        if b - a
    ]
    out, free = ({identity(k) for k in chance.sample(some, chance.randrange(2))} for _ in range(2))
    free -= out
    return Facts({identity(k): k for k in known}, list(edges.values()), never, out, free)


def graph_of(facts: Facts, stored: Partition | None = None) -> Graph:
    """`stored`: what people are as of now; none: everybody is alone, and nothing is refused."""
    listed = list(facts.nodes)
    ids = IdRows(packed(listed))
    rows = {i: n for n, i in enumerate(ids.ids(np.arange(len(ids))))}
    person = np.arange(len(ids))
    refusal = np.zeros(len(facts.edges), np.uint64)
    suspected: list[UUID] = []
    edges = list(facts.edges)
    if stored is not None:
        for number, group in enumerate(stored.groups):
            person[[rows[i] for i in group]] = 1000 - number
        for n, edge in enumerate(edges):
            if edge.pair in stored.refused:
                refusal[n] = digest(*stored.refused[edge.pair])
        suspected = list(stored.suspects)
    sides = [(r.rule_id, i, i in r.left) for r in facts.never for i in (*r.left, *r.right)]
    masks = []
    for some in (facts.set_aside, suspected, facts.released):
        mask = np.zeros(len(ids), np.bool_)
        mask[[rows[i] for i in some]] = True
        masks.append(mask)
    return Graph(
        ids,
        np.array([RANK[facts.nodes[listed[n]][0]] for n in ids.order], np.int16),
        np.array([hash(facts.nodes[listed[n]][1]) & 0xFFFF for n in ids.order], np.uint32),
        person,
        ids.find(packed(e.low for e in edges)),
        ids.find(packed(e.high for e in edges)),
        np.array([e.at for e in edges], np.int64),
        np.array([e.by_hand for e in edges], np.bool_),
        refusal,
        never_links(
            ids, [r for r, _, _ in sides], packed(i for _, i, _ in sides), np.array([s for *_, s in sides], bool)
        ),
        *masks,
    )  # fmt: skip


def whole(graph: Graph, facts: Facts, chosen: IdentitySettings, page: int) -> Rebuilt:
    found = rebuild(graph, chosen)
    edges = {e.pair: e for e in facts.edges}
    for some in conflicts(found, page):
        mine = Facts(
            {i: facts.nodes[i] for i in some.identities},
            [edges[p] for p in some.ends],
            facts.never,
            released=facts.released,
        )
        decide(found, some, mine, chosen)
    return found


@settings(max_examples=EXAMPLES, derandomize=True, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from((STRICT, LOOSE)))
def test_everybody_at_once_is_what_partition_says(seed: int, chosen: IdentitySettings) -> None:
    chance = Random(seed)
    facts, page = history(chance), chance.randint(1, 9)
    expected = partition(facts, chosen)
    graph = graph_of(facts)
    found = whole(graph, facts, chosen, page)
    ids = graph.ids.ids(np.arange(len(graph.ids)))
    groups: dict[int, set[UUID]] = {}
    for i, group in zip(ids, found.group.tolist(), strict=True):
        groups.setdefault(group, set()).add(i)
    assert {frozenset(g) for g in groups.values()} == {frozenset(g) for g in expected.groups}
    assert {ids[n] for n in np.flatnonzero(found.suspects)} == expected.suspects.keys()
    refused = {p: digest(*expected.refused[p]) for p in expected.refused}
    ends = pairs(graph, np.arange(len(graph.low)))
    assert found.refusal.tolist() == [refused.get(p, ACCEPTED) for p in ends]
    settled = whole(graph_of(facts, expected), facts, chosen, page)
    assert not len(differences(settled).touched())
    assert bool(len(differences(found).touched())) == any(
        (len(expected.groups) < len(ids), expected.refused, expected.suspects)
    )
    SEEN["conflict"] += bool(found.conflict.any())
    SEEN["harmless beside it"] += any(
        len(g) > 1 and not found.conflict[graph.ids.find(packed(g))].any() for g in groups.values()
    )
    SEEN.update({refusal.reason for refusal in expected.refused.values()})
    SEEN["suspected"] += bool(expected.suspects)


@settings(max_examples=EXAMPLES // 2, derandomize=True, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from((STRICT, LOOSE)))
def test_whoever_is_stored_wrongly_is_found(seed: int, chosen: IdentitySettings) -> None:
    chance = Random(seed)
    facts = history(chance)
    expected = partition(facts, chosen)
    graph = graph_of(facts, expected)
    moved = chance.randrange(len(graph.ids))
    alone = (graph.person == graph.person[moved]).sum() == 1
    graph.person[moved] = chance.choice((5000, *graph.person.tolist()))
    found = differences(whole(graph, facts, chosen, 3))
    right = whole(graph, facts, chosen, 3).group
    if (
        len(np.unique(np.c_[right, graph.person], axis=0))
        == len(np.unique(right))
        == len(np.unique(graph.person))
    ):
        assert not len(found.regrouped)
    else:
        assert moved in found.regrouped
        SEEN["moved alone" if alone else "moved"] += 1


def test_ids_that_are_sought_by_the_same_key_are_told_apart() -> None:
    spread = 0x9E37_79B9_7F4A_7C15
    alike = [UUID(int=n << 64 | (n * spread ^ 5) % (1 << 64)) for n in range(5)]
    rows = IdRows(packed([*alike[:4], UUID(int=7)]))
    asked = [alike[2], alike[4], UUID(int=7), alike[0], UUID(int=8)]
    found = rows.find(packed(asked))
    assert [n == NONE for n in found] == [False, True, False, False, True]
    assert rows.ids(found[found != NONE]) == [alike[2], UUID(int=7), alike[0]]
    assert IdRows(packed([])).find(packed(alike)).tolist() == [NONE] * 5


def test_the_interesting_branches_were_reached() -> None:
    print(dict(SEEN))
    for branch in (
        "conflict",
        "harmless beside it",
        "suspected",
        "unique",
        "limit",
        "too_large",
        "set_aside",
    ):
        assert SEEN[branch] > EXAMPLES // 20, branch
    assert SEEN["never_link"] > 5
    assert SEEN["moved"] > EXAMPLES // 10
    assert SEEN["moved alone"] > 0
