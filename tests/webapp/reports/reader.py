"""An owner who reads the portal's pages and files, and asks the raw events the same by SQL."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.webapp.reports.books import NOW, Books
from tests.webapp.visitor import Visitor
from webapp import formats

METHODS = {
    "cash": "Наличные", "card": "Карта", "sbp": "СБП", "credit": "В долг", "points": "Баллы",
    "gift_card": "Подарочный сертификат", "prepayment": "Предоплата", "other": "Другое"
}  # fmt: skip
WEEKDAYS = ["Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс"]
MONDAY = "%(today)s::date - (extract(isodow FROM %(today)s::date)::integer - 1)"
MONTH = "date_trunc('month', %(today)s::date)::date"
PERIODS = {
    "today": "day = %(today)s",
    "yesterday": "day = %(today)s::date - 1",
    "week": f"day BETWEEN {MONDAY} AND %(today)s",
    "last-week": f"day BETWEEN {MONDAY} - 7 AND {MONDAY} - 1",
    "month": f"day BETWEEN {MONTH} AND %(today)s",
    "last-month": f"day >= {MONTH} - interval '1 month' AND day < {MONTH}",
    "7d": "day BETWEEN %(today)s::date - 6 AND %(today)s",
    "30d": "day BETWEEN %(today)s::date - 29 AND %(today)s",
    "90d": "day BETWEEN %(today)s::date - 89 AND %(today)s",
    "year": "day BETWEEN %(today)s::date - 364 AND %(today)s",
    "all": "true",
    "yesterday-by-now": "day = %(today)s::date - 1 AND local < %(clock)s::timestamp - interval '1 day'",
    "week-ago-by-now": "day = %(today)s::date - 7 AND local < %(clock)s::timestamp - interval '7 days'",
    "last-week-by-now": f"day >= {MONDAY} - 7 AND local < %(clock)s::timestamp - interval '7 days' AND day < {MONDAY}",
    "last-month-by-now": f"day >= {MONTH} - interval '1 month' AND local < %(clock)s::timestamp - interval '1 month'",
}
"""What each named period means, as a condition on raw.receipt."""


class Reader:
    """An owner who looks, at a moment of the own data, and what SQL is asked with."""

    def __init__(self, visitor: Visitor, books: Books, owner: str) -> None:
        self.visitor, self.books, self.owner = visitor, books, owner
        local = NOW[owner]
        good, category = books.one(
            "SELECT l.good, g.category FROM raw.line l JOIN raw.good g ON (g.account, g.outlet, g.id) ="
            " (l.account, l.outlet, l.good) WHERE l.account = %(account)s AND g.category <> ''"
            " GROUP BY 1, 2 ORDER BY count(*) DESC, 1 LIMIT 1",
            account=owner,
        )
        low, high, first, last = books.one(
            "SELECT percentile_disc(0.3) WITHIN GROUP (ORDER BY total), percentile_disc(0.8) WITHIN GROUP"
            " (ORDER BY total), min(day), max(day) FROM raw.receipt WHERE account = %(account)s",
            account=owner,
        )
        contacts = books.sql(
            "SELECT contact FROM raw.receipt WHERE account = %(account)s AND contact <> '' GROUP BY 1"
            " ORDER BY count(*) DESC, 1 LIMIT 1",
            account=owner,
        )
        cashier, shift = books.one(
            "SELECT mode() WITHIN GROUP (ORDER BY cashier_id), mode() WITHIN GROUP (ORDER BY shift) FROM raw.receipt"
            " WHERE account = %(account)s",
            account=owner,
        )
        self.asked: dict[str, Any] = {
            "account": owner, "today": local.date(), "clock": local.replace(tzinfo=None), "good": good,
            "category": category, "low": low, "high": high, "early": first + timedelta(days=1),
            "late": last - timedelta(days=1), "number": "36" if owner == "real" else "r1",
            "contact": contacts[0][0] if contacts else "nobody",
            "cashier": cashier or "nobody", "shift": shift or "none",
        }  # fmt: skip

    def sql(self, statement: str, **more: Any) -> list[tuple[Any, ...]]:
        return self.books.sql(statement, **self.asked, **more)

    def one(self, statement: str, **more: Any) -> tuple[Any, ...]:
        return self.books.one(statement, **self.asked, **more)

    async def page(self, path: str) -> str:
        answer = await self.visitor.get(path)
        assert answer.status_code == 200, path
        return answer.text

    async def rows(self, path: str) -> list[list[str]]:
        """The rows of a CSV file, without its headings."""
        answer = await self.visitor.get(path)
        assert answer.status_code == 200, path
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))[1:]


class Part(str):
    """The text of a part of a page, without tags and with single spaces; `sums` are its sums of money in order."""

    sums: list[str]


def part(page: str, name: str) -> Part:
    found = re.search(rf'data-part="{name}"[^>]*>(.*?)</section>', page, re.DOTALL)
    assert found, name
    return _part(found[1])


def days_of(page: str) -> list[tuple[str, list[str]]]:
    """The headings of the days in a list of receipts, each with its sums."""
    rows = re.findall(r'<tr class="day">(.*?)</tr>', page, re.DOTALL)
    names = [re.findall(r"<th[^>]*>(.*?)</th>", row)[0] for row in rows]
    return [(html.unescape(name), _part(row).sums) for name, row in zip(names, rows, strict=True)]


def _part(marked: str) -> Part:
    written = re.sub(r'<span class="unit">([^<]*)</span>', r"\1", marked)  # a sum and its currency are one
    texts = [" ".join(html.unescape(text).split()) for text in re.split(r"<[^>]*>", written)]
    shown = Part(" ".join(text for text in texts if text))
    shown.sums = [one for text in texts for one in re.findall(r"\N{MINUS SIGN}?\d[\d ]*,\d\d ₽", text)]
    return shown


def money(amount: Decimal) -> str:
    return " ".join(formats.money(amount, "ru").split())


def count(value: int) -> str:
    return " ".join(formats.number(value, "ru").split())
