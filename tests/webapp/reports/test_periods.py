"""Periods by name, and where they end 'by now'."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from starlette.datastructures import QueryParams

from webapp.account_outlets import Outlet
from webapp.reports.filters import Filters
from webapp.reports.periods import Period, days, window, windows
from webapp.reports.series import calendar

NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)  # a Sunday; 13:30 in Moscow, already 20:30 in Vladivostok


def outlet(zone: str, day_begins: int = 0) -> Outlet:
    return Outlet(uuid4(), "Чайная", zone, day_begins, "RUB", False, False, True, NOW)


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("today", date(2026, 3, 1), date(2026, 3, 1)),
        ("week", date(2026, 2, 23), date(2026, 3, 1)),
        ("last-week", date(2026, 2, 16), date(2026, 2, 22)),
        ("last-week-by-now", date(2026, 2, 16), date(2026, 2, 22)),
        ("month", date(2026, 3, 1), date(2026, 3, 1)),
        ("last-month", date(2026, 2, 1), date(2026, 2, 28)),
        ("last-month-by-now", date(2026, 2, 1), date(2026, 2, 1)),
        ("7d", date(2026, 2, 23), date(2026, 3, 1)),
    ],
)
def test_named_periods(key: str, first: date, last: date) -> None:
    """Weeks begin on Monday, months on the first."""
    assert days(key, date(2026, 3, 1)) == (first, last)


def test_the_last_day_of_a_long_month() -> None:
    """On the 31st, last month by now is all of a shorter month."""
    assert days("last-month-by-now", date(2026, 3, 31)) == (date(2026, 2, 1), date(2026, 2, 28))


def test_today_is_the_outlets_own() -> None:
    """The same moment is today in one zone and tomorrow in another."""
    late = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)
    assert window(Period("today"), outlet("Europe/Moscow"), late).first == date(2026, 3, 1)
    assert window(Period("today"), outlet("Asia/Vladivostok"), late).first == date(2026, 3, 2)


def test_by_now_ends_at_the_same_wall_time() -> None:
    """Yesterday by now ends at this time of the outlet's clock, a day earlier, also across a change of the clocks."""
    assert window(Period("yesterday-by-now"), outlet("Europe/Moscow"), NOW).before == datetime(
        2026, 2, 28, 10, 30, tzinfo=UTC
    )
    after_change = datetime(2026, 3, 29, 10, 30, tzinfo=UTC)  # 12:30 in Berlin; the day before that was 11:30 UTC
    assert window(Period("yesterday-by-now"), outlet("Europe/Berlin"), after_change).before == datetime(
        2026, 3, 28, 11, 30, tzinfo=UTC
    )


def test_a_bar_sells_until_its_day_ends() -> None:
    """After midnight, before the hour at which its days begin, it is still yesterday; by now too."""
    bar, night = outlet("Europe/Moscow", 5), datetime(2026, 3, 2, 22, 30, tzinfo=UTC)  # Tuesday, 01:30 in Moscow
    assert window(Period("today"), bar, night).last == date(2026, 3, 2)
    before = window(Period("yesterday-by-now"), bar, night)
    assert (before.first, before.last) == (date(2026, 3, 1), date(2026, 3, 1))
    assert before.before == datetime(2026, 3, 1, 22, 30, tzinfo=UTC)  # 01:30 of Monday, which counts to Sunday
    morning = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # 05:00
    assert window(Period("today"), bar, morning).last == date(2026, 3, 3)
    assert window(Period("yesterday-by-now"), bar, morning).before == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def test_hours_stand_in_the_order_of_the_day() -> None:
    """Where a day begins at 5, its hours go from 5 to 23 and then from 0 to 4."""
    hours = [(day, hour) for _, day, hour in calendar("hour", date(2026, 3, 1), date(2026, 3, 2), 5)]
    assert [hour for _, hour in hours[:24]] == [*range(5, 24), *range(5)]
    assert {day for day, _ in hours[:24]} == {date(2026, 3, 1)}


def test_a_range_typed_backwards_is_turned() -> None:
    """From the 20th to the 10th is from the 10th to the 20th."""
    period = Filters(QueryParams("from=2026-11-20&to=2026-11-10")).period("30d")
    assert (period.first, period.last) == (date(2026, 11, 10), date(2026, 11, 20))


def test_outlets_of_one_clock_share_their_days() -> None:
    """A chain's windows are those of each outlet by itself, whatever its clock and the hour at which its days begin."""
    outlets = [outlet("Europe/Moscow"), outlet("Asia/Vladivostok"), outlet("Europe/Moscow", 6), outlet("Europe/Moscow")]
    late = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    for key in ("today", "yesterday-by-now", "last-month-by-now"):
        assert windows(Period(key), outlets, late) == [window(Period(key), each, late) for each in outlets]
