"""What an owner of many outlets finds one by: natural order, groups, search, pages; what a dashboard shows first."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from webapp.account_outlets import Outlet
from webapp.completeness.state import Completeness
from webapp.natural import natural
from webapp.outlet_groups import FEW, entered, groups, matching, of_group, paged
from webapp.reports.glance import Line, selection
from webapp.reports.sofar import SoFar

UNTIL = datetime(2030, 1, 1, tzinfo=UTC)


def outlet(number: int, *names: str) -> Outlet:
    return Outlet(UUID(int=number), f"Магазин {number}", "UTC", 0, "RUB", False, False, True, UNTIL, groups=names)


def line(number: int, today: int = 100, yesterday: int = 100, *, waiting: int = 0, group: str = "") -> Line:
    now, before = (SoFar(sales=amount and 10, revenue=Decimal(amount)) for amount in (today, yesterday))
    named = (group,) if group else ()
    return Line(outlet(number, *named), now, before, before, Completeness(waiting=waiting), ())


def test_names_are_sorted_as_people_count() -> None:
    """2 comes before 10, ё is е, capitals are small letters."""
    names = ["магазин 1", "Магазин 2", "Магазин 2б", "Магазин 10", "Медовый", "Мёдочный", "Ёлка 07", "Елка 7а"]
    for seed in range(5):
        mixed = random.Random(seed).sample(names, len(names))
        in_order = sorted(mixed, key=natural)
        assert in_order[2:6] == names[:4]
        assert set(in_order[:2]) == {"Ёлка 07", "Елка 7а"}


def test_groups_stand_by_name_and_the_rest_at_the_end() -> None:
    """An outlet stands in each of its groups; where nobody stands in one, there are none."""
    outlets = [outlet(1, "10 линия", "Юг"), outlet(2, "2 линия"), outlet(3)]
    assert [(group.name, len(group.outlets)) for group in groups(outlets)] == [
        ("2 линия", 1),
        ("10 линия", 1),
        ("Юг", 1),
        ("", 1),
    ]
    assert groups([outlet(1), outlet(2)]) == []
    assert [one.name for one in of_group(outlets, "")] == ["Магазин 3"]


def test_a_search_looks_at_names_and_groups() -> None:
    """Every word, in any order, wherever it stands."""
    outlets = [outlet(1, "Орёл"), outlet(12, "Орёл"), outlet(2)]
    assert [one.name for one in matching(outlets, "орел 12")] == ["Магазин 12"]
    assert len(matching(outlets, "  ")) == 3
    assert matching(outlets, "кафе") == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Юг,  у   дома ,Юг", ("Юг", "у дома")),
        (" , ", ()),
        ("а,б,в,г,д,е", None),
        ("я" * 41, None),
        ("a\tb\x00", None),
    ],
)
def test_groups_as_they_are_typed(text: str, names: tuple[str, ...] | None) -> None:
    """Commas between them, spaces as one; too many, too long or unprintable ones are none."""
    assert entered(text) == names


def test_pages_of_a_list() -> None:
    """The nearest page stands in for one that is not there; an empty list has one page."""
    rows = list(range(45))
    assert paged(rows, "3", 20)[0] == rows[40:]
    assert paged(rows, "99", 20)[1].number == 3
    for nonsense in ("", "0", "-1", "x", "9" * 30, "²"):
        assert paged(rows, nonsense, 20)[1].number == 1
    assert (paged([], "2", 20)[1].last, paged(rows, "2", 20)[1].before) == (1, 1)


def test_few_outlets_stand_all_in_their_order() -> None:
    """Nothing is folded and nothing is put first where there are few."""
    lines = [line(number, waiting=number % 2) for number in range(FEW)]
    shown = selection(lines, {"page": "2", "only": "wrong", "query": "нет"})
    assert (shown.rows, shown.many, shown.wrong, shown.changed, shown.groups) == (lines, False, (), (), ())


def test_of_many_what_is_wrong_and_what_changed_comes_first() -> None:
    """Missing data before a silent shop; then the greatest losses and gains in money; the others by page."""
    lines = [line(number, group="Юг" if number < 30 else "Север") for number in range(100)]
    lines[50] = line(50, today=0, group="Север")
    lines[70] = line(70, waiting=3, group="Север")
    lines[80], lines[81] = line(80, today=400, group="Север"), line(81, today=10)
    shown = selection(lines, {})
    assert [one.outlet.name for one in shown.wrong] == ["Магазин 70", "Магазин 50"]
    assert [one.outlet.name for one in shown.changed] == ["Магазин 81", "Магазин 80"]
    assert [(group.name, group.outlets, group.today.revenue) for group in shown.groups] == [
        ("Север", 69, Decimal(6900 - 100 + 300)),
        ("Юг", 30, Decimal(3000)),
        ("", 1, Decimal(10)),
    ]
    assert len(shown.rows) == 20
    assert shown.piece.last == 5
    sought = selection(lines, {"query": "70", "only": "wrong"})
    assert ([one.outlet.name for one in sought.rows], sought.wrong, sought.looking) == (["Магазин 70"], [], True)
    assert len(selection(lines, {"in": "Юг", "page": "2"}).rows) == 10
