"""A town with known truth: families that share phones and devices, a tablet in each shop, numbers that are given to
strangers, phones that change hands."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.reference import Said

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
PHONES = 1_000_000


@dataclass
class Town:
    records: list[Said] = field(default_factory=list)
    owners: dict[str, set[int]] = field(default_factory=dict)
    """Strong identifier → the people whose it is or was."""
    doers: dict[str, int] = field(default_factory=dict)
    """Message id → who did it."""
    cases: dict[str, set[str]] = field(default_factory=dict)
    """What a shared identifier is an instance of → the identifiers."""


def build(families: int, seed: int, start: int) -> Town:
    chooser = random.Random(seed)
    town = Town()
    clock = start
    tablets = [f"device_id:shop{n}" for n in range(max(1, families // 20))]
    spare: list[str] = []
    person = 0

    def say(who: int, *names: str, after: int = 0) -> None:
        nonlocal clock
        clock += after or chooser.randrange(1, 5) * MINUTE
        message = f"t{len(town.records):06}"
        town.records.append(Said(message, clock, names))
        town.doers[message] = who
        for name in names:
            if not name.startswith(("device_id:", "anonymous_id:")):
                town.owners.setdefault(name, set()).add(who)

    def case(kind: str, name: str) -> None:
        town.cases.setdefault(kind, set()).add(name)

    for family in range(families):
        shared_phone = f"phone:+86138{PHONES + family:08}"
        family_tablet = f"device_id:home{family}"
        members = range(person, person := person + chooser.choice((1, 2, 3, 4)))
        shares = len(members) > 1 and chooser.random() < 0.5
        if shares:
            case("family phone", shared_phone)
        if len(members) > 1:
            case("family tablet", family_tablet)
        for who in members:
            member, openid, union = member_of(who), f"wechat_openid:o{who}", f"wechat_unionid:u{who}"
            device, cookie = f"device_id:d{who}", f"anonymous_id:c{who}"
            phone = shared_phone if shares else f"phone:+86139{PHONES + who:08}"
            if not shares and spare and chooser.random() < 0.3:
                phone = spare.pop()
                case("recycled number", phone)
            elif not shares and chooser.random() < 0.15:
                spare.append(phone)
            if chooser.random() < 0.1 and who > members[0]:
                device = f"device_id:d{who - 1}"
                case("device passed on", device)
            say(who, device, cookie)
            say(who, openid, union, device)
            say(who, member, phone, cookie)
            say(who, member, union, device)
            if chooser.random() < 0.6:
                say(who, member, f"email:p{who}@mail.cn", f"crm_id:k{who}")
            if chooser.random() < 0.3:
                say(who, member, f"anonymous_id:second{who}")
            if len(members) > 1:
                say(who, member, family_tablet)
                say(who, family_tablet)
            if chooser.random() < 0.5:
                tablet = chooser.choice(tablets)
                case("shop tablet", tablet)
                say(who, member, tablet)
                say(who, tablet)
    for tablet in tablets:
        # At closing time they stand in a line.
        for who in chooser.sample(range(person), min(person, 20)):
            say(who, member_of(who), tablet, after=chooser.choice((2_000, 20_000)))
            say(who, tablet, after=2_000)
    return town


def member_of(person: int) -> str:
    """Later ones sort first, as names do that have nothing to do with time."""
    return f"member_id:m{PHONES - person}"


def wrong_merges(people: Iterable[frozenset[str]], town: Town) -> list[frozenset[str]]:
    """People who hold what is somebody's alone of two different ones."""
    found = []
    for person in people:
        alone = [next(iter(who)) for n in person if len(who := town.owners.get(n, set())) == 1]
        if len(set(alone)) > 1:
            found.append(person)
    return found


def recall(people: Iterable[frozenset[str]], town: Town) -> float:
    """The share of the true pairs of identifiers that are together: of one person, and of nobody else. What several
    people use, such as a family's phone, is a way to reach them and proves none of them."""
    of = {name: number for number, person in enumerate(people) for name in person}
    true = found = 0
    mine: dict[int, list[str]] = {}
    for name, who in town.owners.items():
        if len(who) == 1:
            mine.setdefault(min(who), []).append(name)
    for names in mine.values():
        for n, a in enumerate(names):
            for b in names[n + 1 :]:
                true += 1
                found += of[a] == of[b]
    return found / true
