"""The rules of alarms, quiet hours and sentences: pure, at the edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from notices.alarms import Alarm, found, judged, silent_minutes
from notices.figures import Day, Figures, Held, OffDay, Till
from notices.hearers import Hearer
from notices.quiet import not_before
from notices.told import Told, changes
from notices.words import News, alarms, sentence
from webapp.account_outlets import Outlet
from webapp.actions import Role
from webapp.notices.kinds import KINDS, RULES, Kind, Tuned, tuned

ZONE = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=ZONE)
"""A Tuesday."""
OUTLET = Outlet(
    UUID(int=1), "Чайная", "Europe/Moscow", 0, "RUB", disabled=False, test=False, licensed=True,
    licensed_until=NOW + timedelta(days=300),
)  # fmt: skip
USUAL = frozenset((weekday, hour) for weekday in range(6) for hour in range(10, 20))
"""From ten to eight, never on Sundays."""


def _figures(**fields: object) -> Figures:
    figures = Figures(OUTLET, date(2026, 11, 24), date(2026, 11, 17))
    return msgspec.structs.replace(figures, **fields)


@pytest.mark.parametrize(
    ("heard", "now", "minutes"),
    [
        ((24, 13, 30), (24, 15, 0), 90),
        ((24, 13, 30), (24, 14, 59), 89),
        ((23, 19, 10), (24, 10, 20), 50),  # the evening's and the morning's are not added up
        ((23, 18, 0), (24, 9, 0), 120),
        ((21, 19, 30), (22, 18, 0), 30),  # Sunday
    ],
)
def test_silence_counts_in_usual_hours_alone(
    heard: tuple[int, int, int], now: tuple[int, int, int], minutes: int
) -> None:
    """The longest stretch without a break in hours in which the till usually sells."""
    at, until = (datetime(2026, 11, *moment, tzinfo=ZONE) for moment in (heard, now))
    assert silent_minutes(Till(UUID(int=2), "Касса", at, USUAL), _figures(), until) == minutes


def test_silence_holds_until_the_till_is_heard_of() -> None:
    """Once told it stays so through nights and Sundays, for a week and longer."""
    till = Till(UUID(int=2), "Касса", NOW - timedelta(minutes=90), USUAL)
    for hours in range(24 * 20):
        assert silent_minutes(till, _figures(), NOW + timedelta(hours=hours)) >= 90


def test_a_hole_is_told_after_its_minutes() -> None:
    """Not a minute before; nothing where what was acknowledged may be on its way."""
    held = Held(UUID(int=2), "Касса", UUID(int=3), 4, NOW - timedelta(minutes=30))
    assert [alarm.kind for alarm in found(_figures(held=(held,)), tuned({}), NOW)] == ["missing"]
    assert not found(_figures(held=(held,)), tuned({}), NOW - timedelta(seconds=1))
    assert not found(_figures(held=(held,), behind=True), tuned({}), NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_off_is_not_told(kind: Kind) -> None:
    """Each kind can be turned off; what was told of it ends without a word."""
    rules = tuned({kind: Tuned(False, RULES[kind].threshold)})
    subject = "2026-11-24" if kind in ("day", "drawer", "returns", "discounts", "voids") else "x"
    told = [Told(1, Alarm(kind, subject))]
    changed = changes([], told, judged(_figures()), rules, date(2026, 11, 17))
    assert (changed.new, changed.over, changed.ended) == ([], [], told)


def test_what_was_not_looked_at_stays() -> None:
    """A silent till is not over while nobody knows, and an outlet whose licence is over ends nothing."""
    told = [Told(1, Alarm("silent", "x")), Told(2, Alarm("licence", "y"))]
    behind = judged(_figures(behind=True))
    assert changes([], told, behind, tuned({}), date(2026, 11, 17)).over == told[1:]
    expired = _figures(outlet=msgspec.structs.replace(OUTLET, licensed=False))
    assert changes([], told, judged(expired), tuned({}), date(2026, 11, 17)) == changes(
        [], [], (), tuned({}), NOW.date()
    )


def test_a_day_long_ago_ends_without_a_word() -> None:
    """A day that still does not add up when it is looked at no longer was not put right."""
    off = OffDay(date(2026, 11, 17), 1, Decimal("50"))
    [alarm] = found(_figures(off_days=(off,)), tuned({}), NOW)
    told = [Told(1, alarm)]
    assert changes([], told, judged(_figures()), tuned({}), date(2026, 11, 17)).over == told
    assert changes([], told, judged(_figures()), tuned({}), date(2026, 11, 18)).ended == told


def _days(last: Day, usual_returns: str = "100", count: int = 20) -> tuple[Day, ...]:
    before = [
        Day(last.day - timedelta(days=ago), 50, Decimal(5000), Decimal(50), 1, Decimal(usual_returns), 0)
        for ago in range(count, 0, -1)
    ]
    return (*before, last)


@pytest.mark.parametrize(
    ("returns", "amount", "days", "told"),
    [(5, "400", 20, True), (4, "400", 20, False), (5, "349", 20, False), (5, "400", 14, False), (5, "400", 15, True)],
)
def test_returns_out_of_the_ordinary(returns: int, amount: str, days: int, told: bool) -> None:
    """More than three times the median share, by five per cent of what was sold, of five returns, after two weeks."""
    day = Day(date(2026, 11, 24), 50, Decimal(5000), Decimal(50), returns, Decimal(amount), 0)
    figures = _figures(days=_days(day, "100", days))
    assert [alarm.kind for alarm in found(figures, tuned({}), NOW)] == (["returns"] if told else [])


def test_the_morning_is_not_judged() -> None:
    """Before a day has half its usual receipts, its shares say nothing."""
    day = Day(date(2026, 11, 24), 10, Decimal(1000), Decimal(600), 0, Decimal(0), 0)
    assert not found(_figures(days=_days(day)), tuned({}), NOW)


@pytest.mark.parametrize(
    ("hour", "quiet", "end"),
    [
        (23, (22, 8), (25, 8)),
        (3, (22, 8), (24, 8)),
        (12, (22, 8), None),
        (8, (22, 8), None),
        (13, (12, 15), (24, 15)),
        (13, (13, 13), None),
        (13, (None, None), None),
    ],
)
def test_quiet_hours(hour: int, quiet: tuple[int | None, int | None], end: tuple[int, int] | None) -> None:
    """What falls into quiet hours goes out at their end, by the clock of the outlet."""
    now = datetime(2026, 11, 24, hour, 30, tzinfo=ZONE)
    expected = datetime(2026, 11, *end, tzinfo=ZONE) if end else now
    assert not_before(now.astimezone(UTC), "Europe/Moscow", *quiet) == expected


def test_quiet_hours_end_in_an_hour_that_is_skipped() -> None:
    """Where the clock jumps over the end, they end when it has jumped."""
    now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half past one in Berlin, before two becomes three
    assert not_before(now, "Europe/Berlin", 22, 2) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def _hearer(outlets: list[UUID] | None) -> Hearer:
    role: Role = "owner" if outlets is None else "accountant"
    return Hearer(UUID(int=9), "a@example.org", "ru", role, outlets, True, False, [], 22, 8, 8, ["day"])


def test_hours_are_of_an_outlet_that_he_hears_of() -> None:
    """The clock is the one that he chose, else that of the first outlet that he may see, whatever is before it."""
    far, near = (
        msgspec.structs.replace(OUTLET, outlet_id=UUID(int=n), zone=zone)
        for n, zone in ((3, "Asia/Vladivostok"), (4, "Europe/Kaliningrad"))
    )
    seen = [OUTLET, far, near]
    assert _hearer(None).zone(seen) == "Europe/Moscow"
    assert _hearer([far.outlet_id, near.outlet_id]).zone(seen) == "Asia/Vladivostok"
    assert _hearer([near.outlet_id]).zone(seen) == "Europe/Kaliningrad"
    assert _hearer([]).zone(seen) == "Europe/Moscow"  # hears of nothing
    chosen = msgspec.structs.replace(_hearer([near.outlet_id]), own_zone="Asia/Omsk")
    assert chosen.zone(seen) == "Asia/Omsk"
    evening = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)  # half past ten at night in Vladivostok
    ends = [not_before(evening, _hearer(outlets).zone(seen), 22, 8) for outlets in (None, [far.outlet_id])]
    assert ends == [evening, datetime(2026, 11, 24, 22, 0, tzinfo=UTC)]


FACTS: dict[str, str | int] = {
    "till": "Касса 1", "since": NOW.isoformat(), "at": NOW.isoformat(), "received_at": NOW.isoformat(), "events": 4,
    "day": "2026-11-24", "off": "1234.50", "receipts": 2, "shift": "7", "difference": "-500", "share": "0.4",
    "usual": "0.02", "good": "Чай", "quantity": "2", "least": "5", "days": 3, "until": NOW.isoformat(),
}  # fmt: skip


@pytest.mark.parametrize("locale", ["ru", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_said_in_words(kind: Kind, locale: str) -> None:
    """Each sentence, and that of its end, is filled in and in the reader's language."""
    once = kind in ("returns", "discounts", "voids")
    for over in (False,) if once else (False, True):
        text = sentence(Alarm(kind, "x", FACTS), OUTLET, locale, over=over)
        assert text
        assert "%(" not in text
        russian = set("абвгдежзиклмнопрстуфхцчшщьыюя") & set(text.replace("Чай", "").replace("Касса", "").lower())
        assert bool(russian) == (locale == "ru")


def test_one_message_for_many() -> None:
    """Of many alarms the first fifteen are said and the others counted; a subject is one line."""
    many = [Alarm("stock", str(n), {**FACTS, "good": f"Чай\n{n}"}) for n in range(40)]
    message = alarms([News(OUTLET, many, [])], "ru", "https://office.test/notices")
    assert message.subject == "Чайная: оповещений: 40"
    assert message.body.count("• ") == 15
    assert "и ещё 25" in message.body
    assert "\n" not in alarms([News(OUTLET, many[:1], [])], "ru", "https://office.test/notices").subject
