"""A month that was written by hand is closed, and what comes after it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.shop import Shop, good, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal
from webapp.closings.document import Closing, check
from webapp.closings.reading import CERTIFIED, IGNORED
from webapp.completeness.logends import LogEnds

NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
RUN = str(uuid4())
LATE = str(uuid4())
VAT = {"rate": "20", "amount": "10.00"}


def line(quantity: str, price: str, **more: Any) -> dict[str, Any]:
    return {"good_id": "tea", "name": "Чай", "quantity": quantity, "price": price, "cost": "31.70", **more}


def receipt(number: str, at: str, *lines: dict[str, Any], method: str = "cash", **more: Any) -> dict[str, Any]:
    total = sum(Decimal(one["quantity"]) * Decimal(one["price"]) - Decimal(one.get("discount", "0")) for one in lines)
    paid = [{"method": method, "amount": f"{total:.2f}"}]
    of = {"sale_id": f"s{number}", "number": number, "lines": list(lines), "payments": paid}
    return {"type": "sale.registered", "at": at, **of, **more}


MONTH: list[dict[str, Any]] = [
    good("tea", "Чай", cost="31.70"),
    {"type": "shift.opened", "at": "2026-11-02T09:00:00+03:00", "shift_id": "sh1", "number": "1", "cash": "500.00"},
    receipt("1", "2026-11-02T10:00:00+03:00", line("1", "60.00", tax=VAT), shift_id="sh1", cashier="Образцова А.П."),
    receipt("2", "2026-11-02T11:00:00+03:00", line("2", "60.00", discount="20.00"), method="card", shift_id="sh1"),
    {
        **{"type": "sale.returned", "at": "2026-11-02T12:00:00+03:00", "return_id": "r1", "sale_id": "s1"},
        "lines": [{"good_id": "tea", "quantity": "1", "amount": "60.00", "tax": VAT}],
        **{"refunds": [{"method": "cash", "amount": "60.00"}], "shift_id": "sh1"},
    },
    {
        **{"type": "shift.closed", "at": "2026-11-02T20:00:00+03:00", "shift_id": "sh1", "number": "1"},
        **{"cash": "490.00", "cashier": "Образцова А.П."},
    },
    receipt("3", "2026-11-15T10:00:00+03:00", line("1", "250.50"), method="sbp"),
    receipt("4", "2026-10-31T23:59:00+03:00", line("1", "999.00")),  # of the month before
]


@pytest.fixture
def shop(postgres: str) -> Shop:
    shop = Shop(postgres)
    shop.send(*MONTH, run=RUN)
    return shop


@pytest.fixture
async def owner(shop: Shop, portal: Portal, visitor: Visitor) -> Visitor:
    portal.clock = lambda: NOW
    await enter(visitor, shop.postgres, "owner@example.com")
    return visitor


async def close(owner: Visitor, shop: Shop, **more: Any) -> str:
    """Closes November and gives the path of its card."""
    answer = await owner.post("/closings", outlet=shop.outlet, month="2026-11", **more)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).partition("?")[0]


async def signed(owner: Visitor, card: str) -> Closing:
    closing = check((await owner.get(f"{card}/closing.json")).content, owner.portal.signing_keys.public)
    assert closing is not None
    return closing


async def test_a_month_is_closed(owner: Visitor, shop: Shop) -> None:
    """The signed files say the month as it was written by hand: days, methods, tax, shift, events, places in the log,
    without names and costs; the certificates are those that a kept report would have."""
    card = await close(owner, shop)
    closing = await signed(owner, card)
    days = {f"{day.day:%d.%m}": (day.sales, str(day.revenue), str(day.returns_sum)) for day in closing.days}
    assert days == {"02.11": (2, "100.00", "60.00"), "15.11": (1, "250.50", "0.00")}
    methods = {(f"{row.day:%d.%m}", row.method): (str(row.amount), row.count) for row in closing.payments}
    assert methods == {
        ("02.11", "cash"): ("0.00", 1),
        ("02.11", "card"): ("100.00", 1),
        ("15.11", "sbp"): ("250.50", 1),
    }
    assert closing.taxes == []  # what was taken was given back
    [shift] = closing.shifts
    assert (shift.number, str(shift.cash_expected), str(shift.difference)) == ("1", "500.00", "-10.00")
    ledger = closing.ledger
    assert (ledger.read, ledger.applied, ledger.missing, ledger.knowingly) == (8, 8, [], False)
    [(rows, next_offset)] = shop.sql("SELECT count(*), max(next_offset) FROM app.closed_documents, positions")
    assert [(place.partition, place.next_offset) for place in closing.log] == [(0, next_offset)]
    assert closing.documents.rows == rows == 6  # three sales, a return, both ends of a shift
    for projection in CERTIFIED:
        expected = shop.sql(
            "SELECT day, rows, checksum FROM app.checksums((SELECT schema_name FROM app.generations WHERE state ="
            " 'live'), %s, %s) WHERE day BETWEEN '2026-11-01' AND '2026-11-30' ORDER BY day",
            *(projection, IGNORED),
        )
        given = [(c.day, c.rows, c.checksum) for c in closing.certificates if c.projection == projection]
        assert given == expected, projection
    content = (await owner.get(f"{card}/closing.json")).text
    assert "Образцова" not in content
    assert "31.7" not in content
    page = (await owner.get(card)).text
    assert "ничего не изменилось" in page
    assert "350,50" in page
    await _files_in_both_languages(owner, card)
    path = f"/api/v1/outlets/{shop.outlet}/daily?from=2026-11-01&to=2026-11-30"
    daily = (await owner.get(path, Authorization=f"Bearer {shop.token}")).json()
    assert [(row["day"], row["revenue"]) for row in daily] == [(str(d.day), str(d.revenue)) for d in closing.days]


async def _files_in_both_languages(owner: Visitor, card: str) -> None:
    """The PDF is signed in the language of who fetches it; each page is there in both."""
    pdfs = []
    for locale in ("en", "ru"):
        await owner.post("/locale", locale=locale)
        pdf = (await owner.get(f"{card}/closing.pdf")).content
        assert check(pdf, owner.portal.signing_keys.public) is None
        assert f"/Lang ({locale})".encode() in pdf
        pdfs.append(pdf)
        for page in ("/closings", card):
            assert ("november 2026" if locale == "en" else "ноябрь 2026") in (await owner.get(page)).text.lower()
    assert pdfs[0] != pdfs[1]
    assert (await owner.get("/closing-key.pem")).text == owner.portal.signing_keys.public[0].pem


async def test_what_came_after_is_named(owner: Visitor, shop: Shop) -> None:
    """A receipt that comes late, one that comes anew with other content, one that is voided and one that is moved to
    another month are named with the uploads that did it; what comes anew as it was is not. Their sum is what the
    revenue changed by. The signed file stays."""
    card = await close(owner, shop)
    before = (await owner.get(f"{card}/closing.json")).content
    late, came = receipt("9", "2026-11-20T10:00:00+03:00", line("1", "77.00")), datetime(2026, 12, 3, 9, tzinfo=UTC)
    shop.send(late, MONTH[2], run=LATE, received=came)
    page = (await owner.get(card)).text
    assert re.findall(r"Продажа №\d+", page) == ["Продажа №9"]
    assert f"серия {LATE}, событие 1" in page
    assert "3 декабря 2026, 12:00" in page
    assert "+77,00" in page
    assert "Совпадают" in page
    run = str(uuid4())
    voided = {"type": "sale.voided", "at": "2026-12-03T10:00:00+03:00", "sale_id": "s2"}
    moved = {**MONTH[6], "at": "2026-12-01T10:00:00+03:00"}
    other = receipt("9", "2026-11-20T10:00:00+03:00", line("1", "70.00"))
    shop.send(other, voided, moved, run=run, received=came)
    page = (await owner.get(card)).text
    assert sorted(re.findall(r"Продажа №\d+", page)) == ["Продажа №2", "Продажа №3", "Продажа №9"]
    assert "больше не учитывается: аннулирован" in page
    assert f"серия {run}, событие 2, получено 3 декабря 2026, 12:00" in page  # the void's own upload
    assert "больше не в этом месяце" in page
    assert f"серия {run}, событие 3" in page
    assert "Совпадают" in page
    assert (await owner.get(f"{card}/closing.json")).content == before


async def test_it_is_opened_again_and_closed_anew(owner: Visitor, shop: Shop, stranger: Visitor) -> None:
    """A month is closed once, opened for a reason that the journal tells, and closed anew by a file that names the
    first. Nothing of it is another owner's; it outlives the outlet, and nobody alters it."""
    card = await close(owner, shop)
    again = await owner.post("/closings", outlet=shop.outlet, month="2026-11")
    assert (again.status_code, "уже закрыт" in again.text) == (409, True)
    assert (await owner.post(f"{card}/reopen", because="")).status_code == 422
    assert (await owner.post(f"{card}/reopen", because="Касса дослала чек")).status_code == 303
    assert "Касса дослала чек" in (await owner.get(card)).text
    assert (await owner.post(f"{card}/reopen", because="ещё раз")).status_code == 404
    second = await close(owner, shop)
    assert (await signed(owner, second)).replaces == UUID(card.rpartition("/")[2])
    journal = (await owner.get("/journal")).text
    assert journal.count("Месяц закрыт") == 2
    assert "Закрытый месяц открыт снова" in journal
    Shop(shop.postgres, "other@example.com", ["Чужая"])
    await enter(stranger, shop.postgres, "other@example.com")
    for path in (second, f"{second}/closing.json", f"{second}/closing.pdf", f"/closings/{uuid4()}"):
        assert (await stranger.get(path)).status_code == 404
    shop.change("UPDATE app.accounts SET trial_until = now() - interval '1 day' WHERE email = 'owner@example.com'")
    for path in (second, f"{second}/closing.json", f"{second}/closing.pdf"):
        assert (await owner.get(path)).status_code == 402
    assert (await owner.post("/closings", outlet=shop.outlet, month="2026-10")).status_code == 404
    assert (await stranger.post(f"{second}/reopen", because="x")).status_code == 404
    assert (await stranger.post("/closings", outlet=shop.outlet, month="2026-11")).status_code == 404
    shop.change("UPDATE app.outlets SET removed_at = now() WHERE outlet_id = %s", shop.outlet)
    assert "точка удалена" in (await owner.get("/closings")).text
    assert (await owner.get(second)).status_code == 200
    assert (await signed(owner, second)).sum("revenue") == Decimal("350.50")
    for statement in ("UPDATE app.closings SET signed = ''", "DELETE FROM app.closed_documents"):
        with pytest.raises(Exception, match="a closing is written once"):
            shop.change(statement)


async def test_it_is_refused_while_something_is_missing(owner: Visitor, shop: Shop) -> None:
    """A month is not closed while it lasts, while events are missing or wait in the log, unless the owner knows; then
    the document says which."""
    lasting = await owner.post("/closings", outlet=shop.outlet, month="2026-12")
    assert (lasting.status_code, "когда он кончился" in lasting.text) == (422, True)
    assert (await owner.post("/closings", outlet=shop.outlet, month="2026-13")).status_code == 422
    owner.portal.log_ends = _far
    refused = await owner.post("/closings", outlet=shop.outlet, month="2026-11")
    assert (refused.status_code, "ещё ждёт учёта" in refused.text) == (409, True)
    owner.portal.log_ends = None
    hole = str(uuid4())
    shop.send(sale("h1", "2026-11-21T10:00:00+03:00", ("tea", "1", "5.00")), run=hole)
    shop.send(sale("h5", "2026-11-21T11:00:00+03:00", ("tea", "1", "5.00")), run=hole, first_seq=5)
    refused = await owner.post("/closings", outlet=shop.outlet, month="2026-11")
    assert refused.status_code == 409
    assert "не хватает событий: 3" in refused.text
    assert shop.sql("SELECT count(*) FROM app.closings") == [(0,)]
    card = await close(owner, shop, knowingly="1")
    ledger = (await signed(owner, card)).ledger
    assert (ledger.knowingly, ledger.waiting, ledger.in_log) == (True, 1, False)
    assert [(one.first, one.last, str(one.run)) for one in ledger.missing] == [(2, 4, hole)]
    assert "закрыт не полностью" in (await owner.get("/closings")).text
    filled = [sale(f"h{n}", "2026-11-21T10:30:00+03:00", ("tea", "1", "5.00")) for n in (2, 3, 4)]
    shop.send(*filled, run=hole, first_seq=2, received=datetime(2026, 12, 4, tzinfo=UTC))
    page = (await owner.get(card)).text
    assert sorted(re.findall(r"Продажа №(h\d)", page)) == ["h2", "h3", "h4", "h5"]
    assert page.count("ждал недостающих событий") == 1  # h5 came before the closing


async def _far() -> LogEnds:
    return LogEnds({0: 1_000_000}, frozenset())


async def test_members_read_what_they_see(owner: Visitor, shop: Shop, stranger: Visitor) -> None:
    """An accountant reads closings of the outlets that he sees, and closes none."""
    card = await close(owner, shop)
    shop.change(
        "INSERT INTO app.accounts (account_id, email) VALUES (gen_random_uuid(), 'books@example.com');"
        " INSERT INTO app.members (account_id, person_id, role)"
        " SELECT o.account_id, p.account_id, 'accountant' FROM app.accounts p, app.outlets o"
        " WHERE p.email = 'books@example.com'"
    )
    await enter(stranger, shop.postgres, "books@example.com")
    await stranger.post("/viewing", account=str(shop.account_id))
    assert (await stranger.get(f"{card}/closing.json")).status_code == 200
    assert (await stranger.get(card)).status_code == 200
    assert (await stranger.post("/closings", outlet=shop.outlet, month="2026-10")).status_code == 403
    assert (await stranger.post(f"{card}/reopen", because="x")).status_code == 403
    shop.change("UPDATE app.members SET outlets = %s", [uuid4()])
    assert (await stranger.get(card)).status_code == 404
    assert "ноябрь 2026, Чайная" not in (await stranger.get("/closings")).text


def test_no_name_is_in_it() -> None:
    """A closing has no field that could hold a person's name."""
    names = {field.name for kind in _kinds(Closing) for field in msgspec.structs.fields(kind)}
    assert not {name for name in names if "cashier" in name or "email" in name or "contact" in name or "cost" in name}


def _kinds(kind: Any) -> Iterator[Any]:
    yield kind
    for field in msgspec.structs.fields(kind):
        for inner in (field.type, *getattr(field.type, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                yield from _kinds(inner)
