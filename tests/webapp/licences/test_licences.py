"""Licences: their state, buying, paying."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from ops.provisioning import Wish, provision
from tests.logins import owner_of
from tests.webapp.licences.seller import set_seller
from tests.webapp.visitor import Visitor
from webapp.licences.provider import NoticeUnreadable, SignatureRefused, StandardWebhooks, sign
from webapp.licences.state import state

OWNER = "owner@shop.example"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECRET = "a secret of the tests"


@pytest.mark.parametrize(
    ("trial", "paid", "kind", "days"),
    [
        (NOW + 30 * DAY, None, "trial", 30),
        (NOW + timedelta(hours=1), None, "trial", 1),
        (NOW - timedelta(seconds=1), None, "expired", 0),
        (NOW - 5 * DAY, NOW + 10 * DAY, "paid", 10),
        (NOW + 5 * DAY, NOW + 35 * DAY, "paid", 35),
        (NOW - 5 * DAY, NOW - DAY, "expired", 0),
        (NOW + 5 * DAY, NOW - DAY, "trial", 5),
    ],
)
def test_a_licence_is_trial_paid_or_over(trial: datetime, paid: datetime | None, kind: str, days: int) -> None:
    """The later end counts; a day begun counts as a whole one."""
    found = state(uuid4(), "Лавка", "Europe/Moscow", trial, paid, NOW)
    assert (found.kind, found.days_left) == (kind, days)


async def owner_with(visitor: Visitor, *outlets: str) -> dict[str, str]:
    """A signed-in owner's outlets: ids by name."""
    await visitor.join(OWNER)
    set_seller(visitor)
    made = provision(owner_of(visitor.portal.database.url), OWNER, list(outlets))
    return {outlet["name"]: outlet["outlet_id"] for outlet in made["outlets"]}


async def buy(visitor: Visitor, *outlets: str, months: int = 3) -> int:
    """Makes an invoice and gives its number."""
    answer = await visitor.post("/licences/invoices", outlet=outlets, months=months, payer="ООО «Пример»")
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rpartition("/")[2])


def pay(visitor: Visitor, number: int) -> str:
    """As the operator's command does."""
    [[outcome]] = visitor.sql("SELECT app.pay_invoice(%s, NULL, NULL, 'operator')", number)
    return str(outcome)


async def test_the_page_says_how_many_licences_are_needed(visitor: Visitor) -> None:
    """One per outlet, the days left of the trial, none paid yet; without outlets the way to the first."""
    await visitor.join(OWNER)
    assert "/first-steps" in (await visitor.get("/licences")).text
    provision(owner_of(visitor.portal.database.url), OWNER, ["Лавка", "Кафе"])
    text = (await visitor.get("/licences")).text
    assert "Нужно 2 лицензии" in text
    assert "Оплачено 0" in text
    assert text.count("осталось 30 дней") == 2


async def test_an_invoice_is_made_paid_and_extends_from_the_present_end(visitor: Visitor) -> None:
    """The months are added to the trial's end, then to the licence's; the page and the history say so."""
    outlets = await owner_with(visitor, "Лавка", "Кафе")
    number = await buy(visitor, outlets["Лавка"], outlets["Кафе"])
    page = (await visitor.get(f"/licences/invoices/{number}")).text
    assert "2\xa0800,00\xa0₽" in page.replace("\N{NARROW NO-BREAK SPACE}", "\xa0").replace("&nbsp;", "\xa0")
    assert "ООО «Пример»" in page
    assert pay(visitor, number) == "paid"
    extended = (
        "SELECT bool_and(valid_until = trial_until + make_interval(months => %s)) FROM app.licences, app.accounts"
    )
    assert visitor.sql(extended, 3) == [(True,)]
    assert pay(visitor, number) == "already_paid"
    assert visitor.sql(extended, 3) == [(True,)]
    again = await buy(visitor, outlets["Лавка"], months=1)
    assert pay(visitor, again) == "paid"
    [[months]] = visitor.sql(
        "SELECT valid_until = trial_until + interval '3 months' + interval '1 month' FROM app.licences, app.accounts"
        " WHERE outlet_id = %s",
        outlets["Лавка"],
    )
    assert months
    history = (await visitor.get("/licences")).text
    assert f"№ {number}" in history
    assert f"№ {again}" in history
    assert "Оплачен" in (await visitor.get(f"/licences/invoices/{number}")).text


async def test_after_expiry_a_payment_counts_from_now(visitor: Visitor) -> None:
    """The days without a licence are not charged."""
    outlets = await owner_with(visitor, "Лавка")
    visitor.sql("UPDATE app.accounts SET trial_until = now() - interval '40 days'")
    assert "закончилась" in (await visitor.get("/licences")).text
    assert pay(visitor, await buy(visitor, outlets["Лавка"], months=1)) == "paid"
    [[fresh]] = visitor.sql(
        "SELECT valid_until BETWEEN now() + interval '1 month' - interval '1 minute' AND now() + interval '1 month'"
        " FROM app.licences"
    )
    assert fresh


@pytest.mark.asvs("V2.3.3", "the outlets are not locked")
@pytest.mark.asvs("V2.3.4", "the outlets are not locked")
async def test_two_invoices_paid_at_once_both_count(visitor: Visitor) -> None:
    """The second waits for the first and extends what it gave."""
    outlets = await owner_with(visitor, "Лавка")
    first, second = await buy(visitor, outlets["Лавка"], months=1), await buy(visitor, outlets["Лавка"], months=6)
    with psycopg.connect(owner_of(visitor.portal.database.url)) as one:
        one.execute("SELECT app.pay_invoice(%s, NULL, NULL, 'operator')", (first,))
        async with await psycopg.AsyncConnection.connect(owner_of(visitor.portal.database.url)) as other:
            paying = asyncio.create_task(other.execute("SELECT app.pay_invoice(%s, NULL, NULL, 'operator')", (second,)))
            async with asyncio.timeout(10):
                while not visitor.sql("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            one.commit()
            await paying
    [[whole]] = visitor.sql(
        "SELECT valid_until = trial_until + interval '1 month' + interval '6 months' FROM app.licences, app.accounts"
    )
    assert whole


async def test_an_order_that_cannot_be_is_refused(visitor: Visitor) -> None:
    """No outlet, no such term: the form comes back; somebody else's outlet: not found, no invoice."""
    outlets = await owner_with(visitor, "Лавка")
    [foreign] = provision(owner_of(visitor.portal.database.url), "other@shop.example", ["Чужая"])["outlets"]
    for form, status in (
        ({"months": 3}, 422),
        ({"months": 7, "outlet": outlets["Лавка"]}, 422),
        ({"months": 3, "outlet": [outlets["Лавка"], foreign["outlet_id"]]}, 404),
        ({"months": 3, "outlet": "x"}, 404),
    ):
        assert (await visitor.post("/licences/invoices", **form)).status_code == status
    assert not visitor.sql("SELECT 1 FROM app.invoices")


async def test_an_open_invoice_is_cancelled_and_then_not_payable(visitor: Visitor) -> None:
    """A paid one can't be cancelled, a cancelled one not paid."""
    outlets = await owner_with(visitor, "Лавка")
    number = await buy(visitor, outlets["Лавка"])
    assert (await visitor.post(f"/licences/invoices/{number}/cancel")).status_code == 303
    assert pay(visitor, number) == "cancelled"
    paid = await buy(visitor, outlets["Лавка"])
    pay(visitor, paid)
    assert (await visitor.post(f"/licences/invoices/{paid}/cancel")).status_code == 404


async def test_another_accounts_invoice_is_not_found(visitor: Visitor, stranger: Visitor) -> None:
    """Page, PDF and cancelling answer 404."""
    outlets = await owner_with(visitor, "Лавка")
    number = await buy(visitor, outlets["Лавка"])
    await stranger.join("other@shop.example")
    for suffix in ("", ".pdf"):
        assert (await stranger.get(f"/licences/invoices/{number}{suffix}")).status_code == 404
    assert (await stranger.post(f"/licences/invoices/{number}/cancel")).status_code == 404
    assert (await visitor.get(f"/licences/invoices/{2**70}")).status_code == 404


async def test_the_pdf_says_what_the_page_says(visitor: Visitor) -> None:
    """A PDF with the number, the outlet and the sum in it, also for names that need several lines and pages."""
    long = "Магазин у дома с очень длинным названием, которое не помещается в одну строку счёта " * 3
    outlets = await owner_with(visitor, "Лавка", *(f"{i} {long}"[:95] for i in range(30)))
    number = await buy(visitor, *outlets.values())
    answer = await visitor.get(f"/licences/invoices/{number}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert answer.content.count(b"/Type /Page\n") >= 3
    text = text_of(answer.content)
    assert f"Счёт № {number}" in text
    assert "Лавка" in text
    assert "43 400,00 ₽" in text


async def test_an_invoice_names_seller_bank_and_vat_and_the_accounts_day(visitor: Visitor) -> None:
    """Page and PDF: ИНН, КПП, bank, БИК, account; 20 of 120 % are VAT; the day is that of where the outlet is."""
    await visitor.join(OWNER)
    set_seller(visitor, vat="20")
    zone = Wish(zone="Asia/Vladivostok")
    [outlet] = provision(owner_of(visitor.portal.database.url), OWNER, ["Лавка"], zone)["outlets"]
    number = await buy(visitor, outlet["outlet_id"])
    visitor.sql("UPDATE app.invoices SET created_at = '2026-11-24 20:00+00'")  # 6 in the morning in Владивосток
    pdf = text_of((await visitor.get(f"/licences/invoices/{number}.pdf")).content)
    page = (await visitor.get(f"/licences/invoices/{number}")).text.replace("\N{NO-BREAK SPACE}", " ")
    for text in (pdf, page):
        for said in (
            *("25 ноября 2026 г.", "ИНН 7700000009, КПП 770001001", "Банк «Пример»", "БИК 044500000"),
            *("Расчётный счёт 40702810000000000000", "В том числе НДС 20 %", "233,33 ₽", "1 400,00 ₽"),
        ):
            assert said in text, said
    set_seller(visitor)
    assert "Без НДС" in (await visitor.get(f"/licences/invoices/{number}")).text


async def test_without_the_sellers_details_there_is_no_invoice(visitor: Visitor) -> None:
    """Nothing can be ordered, and the page says by which command the operator sets them; an old invoice has no PDF."""
    outlets = await owner_with(visitor, "Лавка")
    number = await buy(visitor, outlets["Лавка"])
    visitor.sql("UPDATE app.seller SET inn = ''")
    answer = await visitor.post("/licences/invoices", outlet=outlets["Лавка"], months=3)
    assert answer.status_code == 409
    assert "weboffice licence seller" in answer.text
    assert "weboffice licence seller" in (await visitor.get("/licences")).text
    assert visitor.sql("SELECT count(*) FROM app.invoices") == [(1,)]
    assert (await visitor.get(f"/licences/invoices/{number}.pdf")).status_code == 303
    page = (await visitor.get(f"/licences/invoices/{number}")).text
    assert "weboffice licence seller" in page
    assert ".pdf" not in page


async def test_the_price_list_is_public_and_current(visitor: Visitor) -> None:
    """Visitors see what the table says."""
    visitor.sql("UPDATE app.prices SET price = 777 WHERE months = 1")
    page = await visitor.get("/tariffs")
    assert page.status_code == 200
    assert "777,00" in page.text


def notice(number: int, amount: str = "1400.00", currency: str = "RUB", **more: Any) -> bytes:
    return json.dumps({"invoice": number, "amount": amount, "currency": currency, **more}).encode()


async def send(
    visitor: Visitor, body: bytes, notice_id: str = "msg_1", age: int = 0, secret: str = SECRET
) -> httpx.Response:
    """A provider's notice, signed."""
    timestamp = str(int(visitor.portal.clock().timestamp()) - age)
    headers = {
        "webhook-id": notice_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(secret.encode(), notice_id, timestamp, body),
    }
    return await visitor.http.post("/api/v1/payments", content=body, headers=headers)


async def test_a_signed_notice_pays_the_invoice_once(visitor: Visitor) -> None:
    """Sent again, under the same id or another, it changes nothing; every notice is written down."""
    visitor.portal.payment_secret = SECRET
    outlets = await owner_with(visitor, "Лавка")
    number = await buy(visitor, outlets["Лавка"])
    for _ in range(3):
        answer = await send(visitor, notice(number))
        assert (answer.status_code, answer.json()) == (200, {"outcome": "paid"})
    assert (await send(visitor, notice(number), "msg_2")).json() == {"outcome": "already_paid"}
    assert visitor.sql("SELECT valid_until = trial_until + interval '3 months' FROM app.licences, app.accounts") == [
        (True,)
    ]
    assert visitor.sql("SELECT notice_id, outcome FROM app.payment_notices ORDER BY 1") == [
        ("msg_1", "paid"),
        ("msg_2", "already_paid"),
    ]


@pytest.mark.asvs("V13.2.1", "the signature is not checked")
async def test_a_notice_that_is_not_the_providers_is_refused(visitor: Visitor) -> None:
    """Another secret, a changed body, an old time, no signature: 401, and nothing is paid or written down."""
    visitor.portal.payment_secret = SECRET
    outlets = await owner_with(visitor, "Лавка")
    number = await buy(visitor, outlets["Лавка"])
    assert (await send(visitor, notice(number), secret="guessed")).status_code == 401
    assert (await send(visitor, notice(number), age=301)).status_code == 401
    assert (await send(visitor, notice(number), age=-301)).status_code == 401
    assert (await visitor.http.post("/api/v1/payments", content=notice(number))).status_code == 401
    good = await send(visitor, notice(number, amount="1.00"), "msg_small")
    copied = {name: good.request.headers[name] for name in good.request.headers if name.startswith("webhook-")}
    forged = await visitor.http.post("/api/v1/payments", content=notice(number), headers=copied)
    assert forged.status_code == 401
    assert visitor.sql("SELECT paid_at FROM app.invoices") == [(None,)]
    assert visitor.sql("SELECT notice_id FROM app.payment_notices") == [("msg_small",)]


async def test_a_notice_that_does_not_fit_is_written_down_for_a_person(visitor: Visitor) -> None:
    """A wrong sum or currency and an unknown invoice pay nothing, and the outcome says why."""
    visitor.portal.payment_secret = SECRET
    outlets = await owner_with(visitor, "Лавка")
    number = await buy(visitor, outlets["Лавка"])
    assert (await send(visitor, notice(number, "1399.99"), "a")).json() == {"outcome": "wrong_amount"}
    assert (await send(visitor, notice(number, currency="USD"), "b")).json() == {"outcome": "wrong_amount"}
    assert (await send(visitor, notice(5), "c")).json() == {"outcome": "unknown_invoice"}
    assert (await send(visitor, b"{}", "d")).status_code == 422
    assert (await send(visitor, notice(number, "1e3"), "e")).status_code == 422
    assert (await send(visitor, notice(number, fee="10"), "f")).json() == {"outcome": "paid"}


async def test_without_a_secret_there_is_no_webhook(visitor: Visitor) -> None:
    """An installation without a provider answers 404."""
    assert (await visitor.http.post("/api/v1/payments", content=b"{}")).status_code == 404


def test_signatures_follow_the_standard_webhooks_example() -> None:
    """The published example of the specification verifies; its body is none of ours."""
    provider = StandardWebhooks("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = datetime.fromtimestamp(1614265330, UTC)
    with pytest.raises(NoticeUnreadable):
        provider.payment(headers, b'{"test": 2432232314}', at)
    with pytest.raises(SignatureRefused):
        provider.payment(headers, b'{"test": 2432232315}', at)


def text_of(content: bytes) -> str:
    """The words of a PDF, read by the ToUnicode map of each of its fonts in turn (only the right one gives sense)."""
    streams = [
        zlib.decompress(found) if found[:1] == b"x" else found
        for found in re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL)
    ]
    maps = [
        {int(code, 16): chr(int(text, 16)) for code, text in re.findall(rb"<(\w{4})> <(\w{4})>\n", stream)}
        for stream in streams
        if b"beginbfchar" in stream
    ]
    shown = [text for stream in streams for text in re.findall(rb"\((.*?)(?<!\\)\) Tj", stream, re.DOTALL)]
    lines = []
    for glyphs in maps:
        for text in shown:
            plain = re.sub(rb"\\(.)", lambda m: {b"n": b"\n", b"r": b"\r"}.get(m[1], m[1]), text, flags=re.DOTALL)
            codes = [int.from_bytes(plain[i : i + 2], "big") for i in range(0, len(plain), 2)]
            lines.append("".join(glyphs.get(code, "?") for code in codes))
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
