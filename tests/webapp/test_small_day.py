"""A small shop's day, written out by hand, sent as a till sends it and read back by the read API."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.shop import Shop, good, sale
from tests.webapp.test_readapi import Caller
from tests.webapp.visitor import Visitor
from webapp import costs
from webapp.app import Portal

DAY = {"from": "2026-11-20", "to": "2026-11-20"}
ANNA = {"cashier": "Образцова А.П.", "cashier_id": "k1"}


def at(clock: str, day: str = "2026-11-20") -> dict[str, str]:
    return {"at": f"{day}T{clock}:00+03:00"}


def line(good_id: str, quantity: str, price: str, **more: Any) -> dict[str, Any]:
    return {"good_id": good_id, "name": f"Товар {good_id}", "quantity": quantity, "price": price, **more}


@pytest.fixture
def shop(postgres: str) -> Shop:
    """A shift of Anna's: three sales, one of them without her id and one with a gift card, a return, cash moved; what
    opens the shift comes last of all. A sale after it that names nobody, and one that was voided."""
    shop = Shop(postgres)
    vat = {"rate": "20.0", "amount": "20.00"}
    fiscal = {"fn": "9999", "fd": "17", "fp": "31415", "tax_system": "osn"}
    shop.send(
        good("tea", "Чай чёрный байховый", article="ЧУ-100", barcode="0012345678905", unit="шт", cost="40.1234"),
        good("cup", "Чашка", barcode="4600000000017", barcodes=["4600000009994"], min_stock="3.500"),
        {
            "type": "contact.saved",
            **at("08:00"),
            "contact_id": "c1",
            "name": "Пробников П.П.",
            "purchases_total": "0",
            "debt": "0",
            "points": "0",
        },
        {
            "type": "contact.saved",
            **at("08:00"),
            "contact_id": "c2",
            "name": "Ёлкин Е.Е.",
            "purchases_total": "0",
            "debt": "0",
            "points": "0",
        },
        {
            "type": "sale.registered",
            **at("10:00"),
            "sale_id": "s1",
            "number": "1",
            "shift_id": "sh1",
            "contact_id": "c1",
            "lines": [
                line("tea", "2", "60.00", cost="40.00", tax=vat, unit="шт"),
                line("cup", "1", "30.50", discount="0.50", tax={"rate": "10", "amount": "3.00", "on_top": True}),
            ],
            "payments": [{"method": "cash", "amount": "200.00"}],
            "change": "47.00",
            "fiscal": fiscal,
            **ANNA,
        },
        {
            "type": "sale.registered",
            **at("11:00"),
            "sale_id": "s2",
            "number": "2",
            "shift_id": "sh1",
            "lines": [line("card", "1", "500.00", kind="gift_card"), line("tips", "1", "50", kind="tip")],
            "payments": [{"method": "card", "amount": "550.00"}],
            "cashier": "Образцова А.П.",
        },
        {
            "type": "sale.registered",
            **at("12:00"),
            "sale_id": "s3",
            "number": "3",
            "shift_id": "sh1",
            "contact_id": "c1",
            "lines": [line("tea", "1", "60.00", sum="59.90", cost="41", tax={"rate": "20", "amount": "10.00"})],
            "payments": [{"method": "cash", "amount": "60.00"}],
            "rounding": "0.10",
            "correction": True,
            **ANNA,
        },
        {
            "type": "sale.returned",
            **at("13:00"),
            "return_id": "r1",
            "sale_id": "s1",
            "number": "4",
            "shift_id": "sh1",
            "lines": [
                {
                    "good_id": "tea",
                    "quantity": "1",
                    "amount": "60.00",
                    "cost": "40.00",
                    "name": "Чай",
                    "tax": {"rate": "20", "amount": "10.00"},
                }
            ],
            "refunds": [{"method": "cash", "amount": "60.00"}],
            **ANNA,
        },
        {
            "type": "cash.moved",
            **at("14:00"),
            "cash_id": "m1",
            "amount": "-100.00",
            "reason": "expense",
            "shift_id": "sh1",
        },
        {
            "type": "shift.closed",
            **at("20:00"),
            "shift_id": "sh1",
            "number": "7",
            "cash": "1052.00",
            **ANNA,
            "totals": {
                "sales": "763.00",
                "returns": "60.00",
                "receipts": 3,
                "by_method": [{"method": "cash", "amount": "153.00"}, {"method": "card", "amount": "550.00"}],
            },
        },
        {
            **sale("s4", "2026-11-20T21:00:00+03:00", ("cup", "1", "30.00")),
            "payments": [{"method": "sbp", "amount": "30"}],
        },
        {
            **sale("s5", "2026-11-20T09:30:00+03:00", ("tea", "9", "111.00"), **ANNA),
            "shift_id": "sh1",
            "contact_id": "c1",
        },
        {"type": "sale.voided", **at("09:31"), "sale_id": "s5", "reason": "Ошибка кассира", **ANNA},
        {"type": "shift.opened", **at("09:00"), "shift_id": "sh1", "number": "7", "cash": "1000.00", **ANNA},
    )
    return shop


async def test_the_day(client: httpx.AsyncClient, shop: Shop) -> None:
    """Revenue 153 + 60 + 30 − 60 = 183; the gift card and the tip are figures of their own; cost 80 + 41 − 40."""
    [day] = (await Caller(client, shop.token).get(f"/{shop.outlet}/daily", **DAY)).json()
    assert day == {
        "day": "2026-11-20", "sales": 4, "revenue": "183.00", "goods_sum": "790.40", "discount_sum": "0.50",
        "returns_sum": "60.00", "reconciles": True, "returns": 1, "voided": 1, "tax_sum": "23.00",
        "advances_sum": "500.00", "tips_sum": "50.00", "debts_sum": "0.00", "cost_sum": "81.00",
        "cost_known_sum": "119.90",
    }  # fmt: skip


async def test_cashiers(client: httpx.AsyncClient, shop: Shop) -> None:
    """By id, without one by name, without either null; together they are the day, a voided sale included."""
    rows = (await Caller(client, shop.token).get(f"/{shop.outlet}/cashiers", **DAY)).json()
    assert rows == [
        {"cashier_id": "k1", "cashier": "Образцова А.П.", "sales": 2, "revenue": "153.00", "discount_sum": "0.50",
         "returns": 1, "returns_sum": "60.00", "voided": 1},
        {"cashier_id": None, "cashier": None, "sales": 1, "revenue": "30.00", "discount_sum": "0.00", "returns": 0,
         "returns_sum": "0.00", "voided": 0},
        {"cashier_id": None, "cashier": "Образцова А.П.", "sales": 1, "revenue": "0.00", "discount_sum": "0.00",
         "returns": 0, "returns_sum": "0.00", "voided": 0},
    ]  # fmt: skip


async def test_a_cashier_who_was_renamed_is_one(client: httpx.AsyncClient, shop: Shop) -> None:
    """Under one id the figures are one cashier's, with the latest name."""
    shop.send(sale("later", "2026-11-21T09:00:00+03:00", ("cup", "1", "1.00"), cashier="Новая А.П.", cashier_id="k1"))
    rows = (await Caller(client, shop.token).get(f"/{shop.outlet}/cashiers")).json()
    [anna] = [row for row in rows if row["cashier_id"] == "k1"]
    assert (anna["cashier"], anna["sales"], anna["revenue"]) == ("Новая А.П.", 3, "154.00")


async def test_taxes(client: httpx.AsyncClient, shop: Shop) -> None:
    """20.0 and 20 are one rate; the return is subtracted, lines without tax are left out."""
    rows = (await Caller(client, shop.token).get(f"/{shop.outlet}/taxes", **DAY)).json()
    assert rows == [
        {"day": "2026-11-20", "rate": "10", "base_sum": "30.00", "tax_sum": "3.00"},
        {"day": "2026-11-20", "rate": "20", "base_sum": "99.90", "tax_sum": "20.00"},
    ]


async def test_the_shift(client: httpx.AsyncClient, shop: Shop) -> None:
    """Drawer 1000 + 200 − 47 + 60 − 60 − 100 = 1053, 1052 were counted; the Z-report says what the documents say."""
    rows = (await Caller(client, shop.token).get(f"/{shop.outlet}/shifts", **DAY)).json()
    assert rows == [
        {
            "shift_id": "sh1", "number": "7", "till_id": shop.till(shop.outlet), "opened_at": at("09:00")["at"],
            "closed_at": at("20:00")["at"], "cashier": "Образцова А.П.", "sales": 3, "revenue": "153.00",
            "returns_sum": "60.00", "cash_expected": "1053.00", "cash_counted": "1052.00", "difference": "-1.00",
            "matches_totals": True,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("totals", "matches"),
    [
        (None, None),
        ({}, None),
        ({"sales": "763.00"}, True),
        ({"sales": "763.01"}, False),
        ({"returns": "60.00", "receipts": 4}, False),
        ({"by_method": [{"method": "sbp", "amount": "0"}, {"method": "card", "amount": "550"}]}, True),
        ({"by_method": [{"method": "cash", "amount": "100.00"}]}, False),
    ],
)
async def test_a_z_report_is_compared_by_what_it_names(
    client: httpx.AsyncClient, shop: Shop, totals: dict[str, Any] | None, matches: bool | None
) -> None:
    """Only what is named is compared; without anything named the answer is null."""
    closed = {"type": "shift.closed", **at("20:00"), "shift_id": "sh1", "number": "7", "cash": "1052.00"}
    shop.send({**closed, **({} if totals is None else {"totals": totals})})
    [shift] = (await Caller(client, shop.token).get(f"/{shop.outlet}/shifts", **DAY)).json()
    assert shift["matches_totals"] is matches


async def test_shifts_in_parts(client: httpx.AsyncClient, shop: Shop) -> None:
    """Without an opening the day is that of the first document and no drawer is expected; a shift may be empty, or run
    past midnight."""
    shop.send(
        {**sale("n1", "2026-11-21T23:50:00+03:00", ("cup", "1", "5.00")), "shift_id": "night"},
        {**sale("n2", "2026-11-22T00:10:00+03:00", ("cup", "1", "6.00")), "shift_id": "night"},
        {"type": "shift.closed", **at("01:00", "2026-11-22"), "shift_id": "night", "number": "8", "cash": "11.00"},
        {"type": "shift.opened", **at("09:00", "2026-11-21"), "shift_id": "empty", "number": "9", "cash": "10.00"},
    )
    caller = Caller(client, shop.token)
    rows = (await caller.get(f"/{shop.outlet}/shifts", **{"from": "2026-11-21", "to": "2026-11-21"})).json()
    parts = ("shift_id", "opened_at", "sales", "revenue", "cash_expected", "difference", "matches_totals")
    assert [tuple(row[name] for name in parts) for row in rows] == [
        ("empty", at("09:00", "2026-11-21")["at"], 0, "0.00", "10.00", None, None),
        ("night", None, 2, "11.00", None, None, None),
    ]
    later = (await caller.get(f"/{shop.outlet}/shifts", **{"from": "2026-11-22", "to": "2026-11-22"})).json()
    assert later == []


async def test_the_card_of_a_sale(client: httpx.AsyncClient, shop: Shop) -> None:
    """Cost and tax by line, fiscal numbers, shift, cashier, and the same of its return."""
    card = (await Caller(client, shop.token).get(f"/{shop.outlet}/sales/s1")).json()
    assert (card["total"], card["tax_sum"], card["cost_sum"], card["cost_known_sum"]) == (
        "153.00", "23.00", "80.00", "120.00"
    )  # fmt: skip
    assert [(each["cost"], each["tax"], each["unit"], each["kind"], each["sum"]) for each in card["lines"]] == [
        ("40.00", {"rate": "20.0", "amount": "20.00", "on_top": False}, "шт", "good", "120.00"),
        (None, {"rate": "10", "amount": "3.00", "on_top": True}, None, "good", "30.00"),
    ]
    assert card["fiscal"] == {"fn": "9999", "fd": "17", "fp": "31415", "tax_system": "osn"}
    assert (card["shift_id"], card["cashier"], card["cashier_id"], card["correction"]) == (
        "sh1", "Образцова А.П.", "k1", False
    )  # fmt: skip
    [back] = card["returns"]
    assert (back["number"], back["cashier"], back["shift_id"], back["lines"][0]["cost"]) == (
        "4", "Образцова А.П.", "sh1", "40.00"
    )  # fmt: skip
    [s4, s3, *_] = (await Caller(client, shop.token).get(f"/{shop.outlet}/sales")).json()["items"]
    assert (s3["sale_id"], s3["correction"], s3["shift_id"], s3["fiscal"]) == ("s3", True, "sh1", None)
    assert (s4["cashier"], s4["cashier_id"], s4["shift_id"], s4["correction"]) == (None, None, None, False)
    answer = (await Caller(client, shop.token).get(f"/{shop.outlet}/sales/s3")).json()
    assert (answer["total"], answer["rounding"]) == ("60.00", "0.10")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("  байховый   ЧЕРНЫЙ ", ["tea"]),
        ("чашка чай", []),
        ("чу-100", ["tea"]),
        ("100 чай", ["tea"]),
        ("0012345678905", ["tea"]),
        ("12345678905", ["tea"]),
        ("0 12345 67890 5", ["tea"]),
        ("8905", ["tea"]),
        ("4600000009994", ["cup"]),
        ("9994", ["cup"]),
        ("994", []),
        ("tea", ["tea"]),
        ("   ", ["tea", "cup"]),
    ],
)
async def test_goods_are_found(
    client: httpx.AsyncClient, visitor: Visitor, shop: Shop, query: str, found: list[str]
) -> None:
    """By words in any order, articles, barcodes (additional ones, without leading zeros, by the last four digits); the
    read API and the portal find the same. Where that is nothing, the portal may show what is alike, and says so."""
    items = (await Caller(client, shop.token).get(f"/{shop.outlet}/stock", query=query)).json()["items"]
    assert [row["good_id"] for row in items] == found
    await enter(visitor, shop.postgres, "owner@example.com")
    page = (await visitor.get("/goods?" + urlencode({"query": query}))).text
    shown = re.findall(r'class="row-link" href="[^"]*good=([^"&]+)', page)
    assert ([] if "Точных совпадений с " in page else shown) == found


async def test_what_stock_says_of_a_good(client: httpx.AsyncClient, portal: Portal, shop: Shop) -> None:
    """Article, unit, cost, least stock; and what was sold today and on the 29 days before."""
    portal.clock = lambda: datetime(2026, 12, 19, 20, 59, tzinfo=UTC)
    tea, cup = (await Caller(client, shop.token).get(f"/{shop.outlet}/stock")).json()["items"]
    fields = ("article", "unit", "cost", "min_stock", "sold_30_days")
    assert tuple(tea[name] for name in fields) == ("ЧУ-100", "шт", "40.1234", None, "3")
    assert tuple(cup[name] for name in fields) == (None, None, None, "3.5", "2")
    portal.clock = lambda: datetime(2026, 12, 19, 21, tzinfo=UTC)
    tea, _ = (await Caller(client, shop.token).get(f"/{shop.outlet}/stock")).json()["items"]
    assert tea["sold_30_days"] == "0"
    card = (await Caller(client, shop.token).get(f"/{shop.outlet}/goods/tea")).json()
    assert (card["article"], card["unit"], card["cost"], card["min_stock"]) == ("ЧУ-100", "шт", "40.1234", None)


async def test_contacts(client: httpx.AsyncClient, shop: Shop) -> None:
    """How many receipts and when the last one was; filtered by the day of the last one."""
    caller = Caller(client, shop.token)
    rows = (await caller.get(f"/{shop.outlet}/contacts")).json()["items"]
    assert [(row["contact_id"], row["receipts"], row["last_purchase_at"]) for row in rows] == [
        ("c2", 0, None),
        ("c1", 2, at("12:00")["at"]),
    ]
    for query, found in [
        ({"last_from": "2026-11-20"}, ["c1"]),
        ({"last_from": "2026-11-21"}, []),
        ({"last_to": "2026-11-20"}, ["c1"]),
        ({"last_to": "2026-11-19"}, []),
    ]:
        items = (await caller.get(f"/{shop.outlet}/contacts", **query)).json()["items"]
        assert [row["contact_id"] for row in items] == found, query


async def test_costs_are_hidden_by_one_switch(
    client: httpx.AsyncClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may not see costs gets null for each of them, in every call."""
    monkeypatch.setattr(costs, "sees_costs", lambda: False)
    caller = Caller(client, shop.token)
    [day] = (await caller.get(f"/{shop.outlet}/daily")).json()
    sold = (await caller.get(f"/{shop.outlet}/sold")).json()["items"]
    card = (await caller.get(f"/{shop.outlet}/sales/s1")).json()
    tea, _ = (await caller.get(f"/{shop.outlet}/stock")).json()["items"]
    good_card = (await caller.get(f"/{shop.outlet}/goods/tea")).json()
    seen = [document[name] for document in (day, card, *sold) for name in ("cost_sum", "cost_known_sum")]
    seen += [each["cost"] for each in (*card["lines"], *card["returns"][0]["lines"], tea, good_card)]
    assert set(seen) == {None}
