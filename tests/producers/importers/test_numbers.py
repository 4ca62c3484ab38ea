"""Numbers and dates are read where they can be read in one way only."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.importers import dates, numbers
from producers.importers.documents import Shop


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 249,90", "1249.90"),
        ("1\u00a0249,90", "1249.90"),
        ("1\u202f249,900", "1249.900"),
        ("600,5", "600.5"),
        ("0,345", "0.345"),
        ("$1,234.56", "1234.56"),
        ("-$2.34", "-2.34"),
        ("(12.00)", "-12.00"),
        ("\u22124", "-4"),
        ("5-", "-5"),
        ("100 руб.", "100"),
        ("99,90 ₽", "99.90"),
        ("1.000.000", "1000000"),
        ("1'234.50", "1234.50"),
        ("12", "12"),
        (",5", "0.5"),
    ],
)
def test_a_number_that_can_be_read_in_one_way(text: str, value: str) -> None:
    """Spaces, currencies, signs and groups don't hide it; its places stay as they are written."""
    assert str(numbers.read(text, None)) == value


@pytest.mark.parametrize("text", ["", "сто рублей", "12 34", "1,2,3", "1.2,3.4", "--1", "0,123,456", "1e5", "NaN", "٣"])
def test_what_is_no_number(text: str) -> None:
    """Half a number is none, nor is what only some programs take for one."""
    assert numbers.read(text, ",") is None


@pytest.mark.parametrize("text", ["3,450", "3.450", "1,234"])
def test_a_number_that_can_be_read_in_two_ways(text: str) -> None:
    """It is read by the sign that is given, and without one not at all."""
    assert numbers.read(text, None) is None
    assert numbers.read(text, ",") != numbers.read(text, ".")


@given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from([(",", " "), (".", ","), (".", " "), (",", ".")]))
def test_what_is_written_is_read(value: Decimal, signs: tuple[str, str]) -> None:
    """A price with two places is read from each way to write it, without being asked about."""
    text = f"{value:,.2f}".replace(",", "_").replace(".", signs[0]).replace("_", signs[1])
    assert numbers.read(text, None) == value


def test_a_column_tells_its_sign() -> None:
    """One number that has one reading decides for the others of its column; two that contradict it decide nothing."""
    evidence = numbers.Evidence()
    for text in ("3,450", "12"):
        evidence.add(text)
    assert (evidence.sign, evidence.example) == (None, "3,450")
    evidence.add("600,5")
    assert evidence.sign == ","
    evidence.add("600.5")
    assert evidence.sign is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-06-11", datetime.fromisoformat("2026-06-11T00:00:00")),
        ("2026-06-11T14:44:57", datetime.fromisoformat("2026-06-11T14:44:57")),
        ("11.06.2026 9:05", datetime.fromisoformat("2026-06-11T09:05:00")),
        ("13/02/2026 09:05", datetime.fromisoformat("2026-02-13T09:05:00")),
        ("2/13/26 9:05 PM", datetime.fromisoformat("2026-02-13T21:05:00")),
        ("2/13/26 12:05 AM", datetime.fromisoformat("2026-02-13T00:05:00")),
    ],
)
def test_a_date_that_can_be_read_in_one_way(text: str, moment: datetime) -> None:
    """Points put the day first, the year in front the month second; a 13 is no month."""
    assert dates.read(text, None) == moment


@pytest.mark.parametrize("text", ["", "вчера", "31.02.2026", "13/13/2026", "1/1/1", "2026-13-01", "1/2/2026 13:00 PM"])
def test_what_is_no_date(text: str) -> None:
    """A day that is in no calendar is none."""
    assert dates.read(text, "day-first") is None


def test_a_file_tells_its_order() -> None:
    """One date with a 13 decides for the others; a date of the other order is then none."""
    evidence = dates.Evidence()
    evidence.add("03/04/2026")
    assert (evidence.order, evidence.example) == (None, "03/04/2026")
    evidence.add("13/04/2026")
    assert evidence.order == "day-first"
    assert dates.read("03/04/2026", evidence.order) == datetime.fromisoformat("2026-04-03T00:00:00")
    assert dates.read("03/14/2026", evidence.order) is None


@pytest.mark.parametrize(
    ("at", "day"), [("2026-03-02T05:59:59+03:00", "2026-03-01"), ("2026-03-02T06:00:00+03:00", "2026-03-02")]
)
def test_a_day_that_begins_later(at: str, day: str) -> None:
    """What happens before the hour counts to the day before, by the wall clock."""
    assert Shop(ZoneInfo("Europe/Moscow"), 6).day(datetime.fromisoformat(at)) == day
