"""The read API against an independent recount of real data, and against every rule of the contract."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import psycopg
import pytest

from projections.models import BOOKKEEPING, PASSED_OVER, PROJECTIONS
from schemas.events import EVENT_TYPES, GoodSaved, SaleRegistered
from tests.webapp.shop import Shop, counted, expected, good, real_events, sale

CALLS = "daily payments hours sold cashiers shifts taxes stock sales contacts".split()
SMALL = [f"outlet-{number:03}.jsonl.gz" for number in range(14)]


class Caller:
    """Calls the read API with a token."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self._client.get(f"/api/v1/outlets{path}", params=query, headers=self._headers)

    async def all(self, path: str, **query: Any) -> list[Any]:
        """The items of every page of a list."""
        items: list[Any] = []
        while True:
            page = (await self.get(path, **query)).json()
            items += page["items"]
            if page["next"] is None:
                return items
            query["after"] = page["next"]


async def _compare(caller: Caller, outlet: str, recount: dict[str, Any], limit: int) -> None:
    totals = {row["outlet_id"]: row for row in (await caller.get("")).json()}[outlet]
    assert (totals["sales"], totals["goods"]) == (recount["sales"], recount["goods"])
    days = (await caller.get(f"/{outlet}/daily")).json()
    fields = ("revenue", "goods_sum", "discount_sum", "returns_sum")
    assert {row["day"]: [int(row["sales"]), *(Decimal(row[field]) for field in fields)] for row in days} == {
        day: [int(row["sales"]), *(Decimal(row[field]) for field in fields)] for day, row in recount["daily"].items()
    }
    payments = (await caller.get(f"/{outlet}/payments")).json()
    assert {f"{row['day']} {row['method']}": Decimal(row["amount"]) for row in payments} == {
        key: Decimal(amount) for key, amount in recount["payments"].items()
    }
    stock = await caller.all(f"/{outlet}/stock", limit=limit)
    assert len(stock) == len({row["good_id"] for row in stock}) == recount["goods"]
    assert [row["name"] for row in stock] == sorted(row["name"] for row in stock)
    assert {row["good_id"]: row["quantity"] for row in stock} == {
        key: quantity for key, quantity in recount["stock"].items() if key in {row["good_id"] for row in stock}
    }
    contacts = await caller.all(f"/{outlet}/contacts", limit=limit)
    assert {row["contact_id"]: (row["name"], Decimal(row["purchases_total"])) for row in contacts} == {
        key: (row["name"], Decimal(row["purchases_total"])) for key, row in recount["contacts"].items()
    }
    sales = await caller.all(f"/{outlet}/sales", limit=limit)
    assert len(sales) == recount["sales"]
    assert [row["at"] for row in sales] == sorted((row["at"] for row in sales), reverse=True)
    revenue = sum((Decimal(row["revenue"]) + Decimal(row["returns_sum"]) for row in days), Decimal(0))
    assert sum((Decimal(row["total"]) for row in sales), Decimal(0)) == revenue


async def test_real_figures(client: httpx.AsyncClient, postgres: str) -> None:
    """Every figure of fourteen real outlets equals the recount that came with them."""
    recount = expected()
    shop = Shop(postgres, outlets=[recount[file]["name"] for file in SMALL])
    for file in SMALL:
        shop.send(*real_events(file), outlet=shop.outlets[recount[file]["name"]])
    caller = Caller(client, shop.token)
    assert len((await caller.get("")).json()) == len(SMALL)
    for file in SMALL:
        await _compare(caller, shop.outlets[recount[file]["name"]], recount[file], limit=40)


async def test_the_large_real_outlet(client: httpx.AsyncClient, postgres: str) -> None:
    """Every figure of the outlet with two thousand goods and four hundred sales equals the recount."""
    recount = expected()["outlet-014.jsonl.gz"]
    shop = Shop(postgres, outlets=[recount["name"]])
    shop.send(*real_events("outlet-014.jsonl.gz"))
    await _compare(Caller(client, shop.token), shop.outlet, recount, limit=100)


@pytest.fixture
def shop(postgres: str) -> Shop:
    """An outlet with three goods, a sale with a return, and a sale that does not add up."""
    shop = Shop(postgres)
    paid = [{"method": "card", "amount": "100.00"}, {"method": "cash", "amount": "70.00"}]
    shop.send(
        good("tea/1", "Чай «Ёлочный» 100%", barcode="460", barcodes=["461"], extra=[{"name": "Сорт", "value": "1"}]),
        good("c_2", "кофе молотый", "Кофе"),
        good("x3", "Снятый"),
        {"type": "good.removed", "at": "2026-11-01T10:00:00+03:00", "good_id": "x3"},
        {"type": "warehouse.saved", "at": "2026-11-01T10:00:00+03:00", "warehouse_id": "back", "name": "Подсобка"},
        counted("tea/1", "10"),
        counted("tea/1", "1.5", "back"),
        counted("c_2", "100"),
        sale("s/1", "2026-11-20T23:30:00+03:00", ("tea/1", "2", "80.00"), change="10.00", payments=paid),
        sale("s2", "2026-11-21T00:10:00+03:00", ("c_2", "1", "50.00"), payments=[{"method": "sbp", "amount": "40.00"}]),
        {
            "type": "sale.returned",
            "at": "2026-11-22T12:00:00+03:00",
            "return_id": "r1",
            "sale_id": "s/1",
            "lines": [{"good_id": "tea/1", "quantity": "1", "amount": "80.00"}],
            "refunds": [{"method": "card", "amount": "80.00"}],
        },
        _contact("k1", "Ёжикова Анна Петровна", "100.00", "-5.00", "7"),
        _contact("k2", "Бобров Б. Б.", "20.00", "0", "0"),
    )
    return shop


def _contact(contact_id: str, name: str, purchases: str, debt: str, points: str) -> dict[str, Any]:
    saved = {"contact_id": contact_id, "name": name, "purchases_total": purchases, "debt": debt, "points": points}
    return {"type": "contact.saved", "at": "2026-11-01T10:00:00+03:00", **saved}


@pytest.mark.asvs("V2.2.3", "a receipt's lines and payments are not compared")
async def test_days(client: httpx.AsyncClient, shop: Shop) -> None:
    """Days are the outlet's own, a return counts on its day, and a receipt that does not add up marks its day."""
    days = (await Caller(client, shop.token).get(f"/{shop.outlet}/daily")).json()
    assert [(row["day"], row["sales"], row["revenue"], row["returns_sum"], row["reconciles"]) for row in days] == [
        ("2026-11-20", 1, "160.00", "0.00", True),
        ("2026-11-21", 1, "50.00", "0.00", False),
        ("2026-11-22", 0, "-80.00", "80.00", True),
    ]
    some = await Caller(client, shop.token).get(f"/{shop.outlet}/daily", **{"from": "2026-11-21", "to": "2026-11-21"})
    assert [row["day"] for row in some.json()] == ["2026-11-21"]


async def test_payments(client: httpx.AsyncClient, shop: Shop) -> None:
    """Change comes off the cash and refunds off their method; the count is that of payments."""
    rows = (await Caller(client, shop.token).get(f"/{shop.outlet}/payments")).json()
    assert rows == [
        {"day": "2026-11-20", "method": "card", "amount": "100.00", "count": 1},
        {"day": "2026-11-20", "method": "cash", "amount": "60.00", "count": 1},
        {"day": "2026-11-21", "method": "sbp", "amount": "40.00", "count": 1},
        {"day": "2026-11-22", "method": "card", "amount": "-80.00", "count": 0},
    ]


async def test_stock(client: httpx.AsyncClient, shop: Shop) -> None:
    """Goods on the lists with their stock by warehouse, plain quantities, found by any part in any case."""
    caller = Caller(client, shop.token)
    items = (await caller.get(f"/{shop.outlet}/stock")).json()["items"]
    assert [(row["good_id"], row["quantity"]) for row in items] == [("tea/1", "10.5"), ("c_2", "99")]
    assert items[0]["warehouses"] == [
        {"warehouse_id": "back", "name": "Подсобка", "quantity": "1.5"},
        {"warehouse_id": "main", "name": "main", "quantity": "9"},
    ]
    for query, found in [("ЁЛОЧ", 1), ("елочный", 1), ("МОЛОТ", 1), ("%", 1), ("_", 0), ("нет", 0), ("о", 2)]:
        assert len((await caller.get(f"/{shop.outlet}/stock", query=query)).json()["items"]) == found, query
    for bounds, found in [({"min": "99"}, 1), ({"max": "98.999"}, 1), ({"min": "10.5", "max": "99"}, 2)]:
        assert len((await caller.get(f"/{shop.outlet}/stock", **bounds)).json()["items"]) == found, bounds


async def test_cards(client: httpx.AsyncClient, shop: Shop) -> None:
    """Cards are found under ids with slashes; a sale's card has its lines, payments and returns."""
    caller = Caller(client, shop.token)
    card = (await caller.get(f"/{shop.outlet}/goods/tea%2F1")).json()
    assert (card["barcode"], card["barcodes"], card["extra"]) == ("460", ["461"], [{"name": "Сорт", "value": "1"}])
    card = (await caller.get(f"/{shop.outlet}/sales/s%2F1")).json()
    assert (card["total"], card["change"], card["at"]) == ("160.00", "10.00", "2026-11-20T23:30:00+03:00")
    assert [(line["quantity"], line["sum"]) for line in card["lines"]] == [("2", "160.00")]
    assert card["payments"][1] == {"method": "cash", "amount": "70.00"}
    assert [(row["return_id"], row["amount"]) for row in card["returns"]] == [("r1", "80.00")]
    for path in ("goods/nothing", "sales/nothing"):
        assert (await caller.get(f"/{shop.outlet}/{path}")).status_code == 404


async def test_an_id_may_hold_line_breaks(client: httpx.AsyncClient, shop: Shop) -> None:
    """Cards are found under such ids, wherever the break is; what is near to one is not it."""
    shop.send(good("tea\n2\n", "Чай"), sale("s\n3\n", "2026-11-23T10:00:00+03:00", ("c_2", "1", "5.00")))
    caller = Caller(client, shop.token)
    assert (await caller.get(f"/{shop.outlet}/goods/tea%0A2%0A")).json()["good_id"] == "tea\n2\n"
    assert (await caller.get(f"/{shop.outlet}/sales/s%0A3%0A")).json()["sale_id"] == "s\n3\n"
    for path in ("goods/tea%0A2", "sales/s%0A3", "sales/s2%0A", "sales/%0A", "goods/%0Atea"):
        answer = await caller.get(f"/{shop.outlet}/{path}")
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found"), path


async def test_one_sale_id_of_two_tills(client: httpx.AsyncClient, shop: Shop) -> None:
    """The card is the latest sale's unless a till is named, and each till's returns belong to its own sale."""
    till = str(uuid4())
    shop.change("INSERT INTO app.tills (till_id, outlet_id, name) VALUES (%s, %s, '2')", till, shop.outlet)
    shop.send(sale("s/1", "2026-11-23T10:00:00+03:00", ("c_2", "1", "5.00")), till=till)
    caller = Caller(client, shop.token)
    latest = (await caller.get(f"/{shop.outlet}/sales/s%2F1")).json()
    assert (latest["total"], latest["till_id"], latest["returns"]) == ("5.00", till, [])
    first = (await caller.get(f"/{shop.outlet}/sales/s%2F1", till=shop.till(shop.outlet))).json()
    assert (first["total"], len(first["returns"])) == ("160.00", 1)


async def test_contacts(client: httpx.AsyncClient, shop: Shop) -> None:
    """Contacts are short names, filtered by any part and by their figures."""
    caller = Caller(client, shop.token)
    items = (await caller.get(f"/{shop.outlet}/contacts")).json()["items"]
    assert [row["name"] for row in items] == sorted(["Ёжикова А.П.", "Бобров Б.Б."])
    for query, found in [
        ({"query": "ежик"}, ["k1"]),
        ({"purchases_min": "20.01"}, ["k1"]),
        ({"debt_max": "-0.01"}, ["k1"]),
        ({"points_min": "0", "points_max": "6.99"}, ["k2"]),
    ]:
        rows = (await caller.get(f"/{shop.outlet}/contacts", **query)).json()["items"]
        assert [row["contact_id"] for row in rows] == found, query


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("daily", {"from": "20101201"}),
        ("daily", {"to": "2026-02-30"}),
        ("payments", {"from": "x"}),
        ("sales", {"limit": "0"}),
        ("sales", {"limit": "501"}),
        ("sales", {"after": "AAAA"}),
        ("sales", {"after": "кириллица"}),
        ("stock", {"min": "1e3"}),
        ("stock", {"query": "a\0b"}),
        ("stock", {"query": "x" * 201}),
        ("contacts", {"points_max": "NaN"}),
        ("sales/s2", {"till": "x"}),
    ],
)
@pytest.mark.asvs("V2.2.1", "a parameter is taken as it comes")
@pytest.mark.asvs("V2.2.2", "a parameter is taken as it comes")
async def test_what_does_not_fit(client: httpx.AsyncClient, shop: Shop, path: str, query: dict[str, str]) -> None:
    """A parameter that does not fit is 422 with a JSON document that names it."""
    answer = await Caller(client, shop.token).get(f"/{shop.outlet}/{path}", **query)
    assert (answer.status_code, answer.json()["error"]) == (422, "invalid_parameter")
    assert answer.json()["detail"].startswith(next(iter(query)))


async def test_strangers(client: httpx.AsyncClient, shop: Shop) -> None:
    """Without a valid token 401; another account gets 404 for everything, before its parameters are looked at."""
    other = Shop(shop.postgres, "other@example.com", ["Другая"])
    assert (await client.get("/api/v1/outlets")).status_code == 401
    assert (await Caller(client, "wo_owner_nonsense").get("")).status_code == 401
    stranger = Caller(client, other.token)
    assert [row["name"] for row in (await stranger.get("")).json()] == ["Другая"]
    for path in [*CALLS, "sales/s2", "goods/c_2"]:
        for outlet in (shop.outlet, str(uuid4()), "nonsense"):
            answer = await stranger.get(f"/{outlet}/{path}", limit="x")
            assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    shop.change("UPDATE app.owner_tokens SET revoked_at = now() WHERE account_id = %s", shop.account_id)
    assert (await Caller(client, shop.token).get("")).status_code == 401


@pytest.mark.asvs("V3.5.3", "a call changes something by GET or POST")
async def test_it_is_read_only(client: httpx.AsyncClient, shop: Shop) -> None:
    """Any other method is answered in the API's own form, with the methods that there are."""
    for path in ("", f"/{shop.outlet}/daily", f"/{uuid4()}/sales/s2"):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = await client.request(method, f"/api/v1/outlets{path}")
            assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")
            assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["nothing", "outlets%0A/x", "no%0Athing%0A"])
async def test_an_address_that_is_none(client: httpx.AsyncClient, path: str) -> None:
    """A program that asks for what there is not gets JSON that says so."""
    answer = await client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.json() == {"error": "not_found", "detail": "Nothing matches the given URI"}


async def test_expired_licence(client: httpx.AsyncClient, shop: Shop) -> None:
    """After the trial 402 instead of figures; a licence opens the outlet again."""
    shop.change("UPDATE app.accounts SET trial_until = now() - interval '1 day'")
    caller = Caller(client, shop.token)
    for path in [*CALLS, "sales/s2", "goods/c_2"]:
        assert (await caller.get(f"/{shop.outlet}/{path}")).status_code == 402
    [listed] = (await caller.get("")).json()
    assert (listed["licensed"], listed["sales"]) == (False, None)
    shop.change("INSERT INTO app.licences VALUES (%s, now() + interval '1 day')", shop.outlet)
    assert (await caller.get(f"/{shop.outlet}/daily")).status_code == 200


@pytest.mark.asvs("V8.4.1", "a table has no policy")
def test_row_level_security(postgres: str) -> None:
    """Under the portal's role every table of a generation shows the account's own rows and no others."""
    shop, other = Shop(postgres), Shop(postgres, "other@example.com", ["Другая"])
    examples = [each.example for each in EVENT_TYPES if each.struct not in PASSED_OVER]
    years_ago = datetime(1970, 1, 1, tzinfo=UTC)  # and so by a clock that is wrong
    again = [
        msgspec.structs.replace(each, at=years_ago, lines=[]) for each in examples if isinstance(each, SaleRegistered)
    ]
    costlier = [
        msgspec.structs.replace(each, cost=2 * each.cost)
        for each in examples
        if isinstance(each, GoodSaved) and each.cost is not None
    ]
    shop.send(*map(msgspec.json.decode, map(msgspec.json.encode, [*examples, *again, *costlier])))
    filled = {each.name for each in PROJECTIONS} | {"runs"}
    tables = filled | {each.name for each in BOOKKEEPING if each.isolated}
    with psycopg.connect(postgres) as connection:
        connection.execute(
            "SELECT set_config('search_path', schema_name, false) FROM app.generations WHERE state = 'live'"
        )
        connection.execute("SET ROLE weboffice_portal")
        for account, seen in [(shop.account_id, filled), (other.account_id, set[str]()), ("", set[str]())]:
            connection.execute("SELECT set_config('weboffice.account', %s, false)", (str(account),))
            counts = {table: _count(connection, table) for table in tables}
            assert {table for table, count in counts.items() if count} == seen, account
            for view, of in (("sales_listed", "sales"), ("returns_listed", "returns")):
                assert _count(connection, view) == (1 if of in seen else 0)
        bound = connection.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
            " AND relnamespace = current_schema::regnamespace"
        )
        assert tables - {name for (name,) in bound} == set()


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    assert row is not None
    return int(row[0])
