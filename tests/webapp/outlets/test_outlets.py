"""Outlets, tills and tokens as their owner keeps them."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from ops.provisioning import provision
from schemas.records import GapGivenUp, OutletRemoved, decode
from schemas.tokens import digest
from schemas.uploads import parse
from tests.logins import owner_of
from tests.webapp.shop import Shop
from tests.webapp.visitor import Visitor
from webapp.outlets import till_qr
from webapp.outlets.sample import upload

OWNER = "owner@shop.example"
SALE = {
    "type": "sale.registered",
    "at": "2026-11-24T10:00:00+03:00",
    "sale_id": "1",
    "number": "1",
    "lines": [{"good_id": "1", "name": "Чай", "quantity": "1", "price": "100"}],
    "payments": [{"method": "cash", "amount": "100"}],
}


async def add_outlet(visitor: Visitor, name: str = "Лавка") -> tuple[str, httpx.Response]:
    """Adds an outlet by the first steps; gives its id and the page that shows the token."""
    answer = await visitor.post_and_look("/first-steps", name=name, zone="Asia/Omsk", currency="RUB")
    assert answer.status_code == 200, answer.text
    [[outlet_id]] = visitor.sql("SELECT outlet_id FROM app.outlets WHERE name = %s AND removed_at IS NULL", name)
    return str(outlet_id), answer


def token_on(page: httpx.Response) -> str:
    found = re.search(r"wo_till_[\w-]+", page.text)
    assert found, page.text
    return found[0]


def shop_of(visitor: Visitor, outlet: str) -> Shop:
    """The outlet's tills as senders of events."""
    shop = Shop.__new__(Shop)
    shop.postgres = owner_of(visitor.portal.database.url)
    shop.outlets = {"": outlet}
    shop._till = {}
    return shop


async def test_the_first_steps_lead_from_an_outlet_to_its_report(visitor: Visitor) -> None:
    """Form, token shown once with a command, waiting, and the way to the report as soon as data is there."""
    await visitor.join(OWNER)
    assert "Asia/Omsk" in (await visitor.get("/first-steps")).text
    outlet, page = await add_outlet(visitor)
    token = token_on(page)
    [[kept, zone]] = visitor.sql(
        "SELECT k.token_hash, o.zone FROM app.till_tokens k JOIN app.tills USING (till_id) JOIN app.outlets o"
        " USING (outlet_id)"
    )
    assert (bytes(kept), zone) == (digest(token), "Asia/Omsk")
    assert "/api/v1/uploads" in page.text
    assert till_qr.address(visitor.portal.public_url, token) == f"http://office.test/help/till#token={token}"
    assert html.escape(till_qr.picture(visitor.portal.public_url, token)) in page.text  # with address and token
    assert f"/outlets/{outlet}/import" in page.text
    assert "data-scanned" in (await visitor.get("/help/till")).text
    assert page.headers["cache-control"] == "no-store"
    assert token not in (await visitor.get(f"/outlets/{outlet}")).text
    assert (await visitor.get(f"/outlets/{outlet}/arrival")).json() == {"arrived": False, "refused": False}
    assert 'http-equiv="refresh"' in (await visitor.get(f"/outlets/{outlet}/waiting")).text
    shop_of(visitor, outlet).send(SALE)
    assert (await visitor.get(f"/outlets/{outlet}/arrival")).json() == {"arrived": True, "refused": False}
    assert f"/report?outlet={outlet}" in (await visitor.get(f"/outlets/{outlet}/waiting")).text


async def test_a_zone_is_told_by_its_city(visitor: Visitor) -> None:
    """The list of outlets and an outlet's page say «Омск», not Asia/Omsk."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    shop_of(visitor, outlet).send(SALE)
    for page in ("/outlets", f"/outlets/{outlet}"):
        said = (await visitor.get(page)).text
        assert "Омск" in said
        assert "Asia/Omsk" not in said


async def test_the_sample_is_an_upload_that_the_gateway_takes(visitor: Visitor) -> None:
    """The ready command's JSON passes the schema of uploads; the file holds the same events."""
    assert len(parse(upload(visitor.portal.clock()).encode()).events) == 2
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    lines = (await visitor.get(f"/outlets/{outlet}/sample.jsonl")).text.splitlines()
    assert [line.startswith('{"type":') for line in lines] == [True, True]


@pytest.mark.parametrize(
    ("name", "zone", "currency"),
    [("", "Asia/Omsk", "RUB"), ("Лавка", "Moon/Base", "RUB"), ("Лавка", "Asia/Omsk", "XXX"), ("a\nb", "UTC", "RUB")],
)
async def test_an_outlet_that_cannot_be_is_not_made(visitor: Visitor, name: str, zone: str, currency: str) -> None:
    """The form comes back with what is wrong."""
    await visitor.join(OWNER)
    answer = await visitor.post("/first-steps", name=name, zone=zone, currency=currency)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert not visitor.sql("SELECT 1 FROM app.outlets")


async def test_a_day_begins_at_the_hour_that_the_owner_says(visitor: Visitor) -> None:
    """The hour is chosen with the outlet, changed until the first upload and fixed from then on; what is none is
    refused."""
    await visitor.join(OWNER)
    assert 'name="day_begins"' in (await visitor.get("/first-steps")).text
    bar: dict[str, Any] = {"name": "Бар", "zone": "Asia/Omsk", "currency": "RUB"}
    for hour in ("13", "-1", "x", "5.5", "٣"):
        refused = await visitor.post("/first-steps", **bar, day_begins=hour)
        assert refused.status_code == 422, hour
        assert "от полуночи до полудня" in refused.text
    assert (await visitor.post("/first-steps", **bar, day_begins="6")).status_code == 303
    kept = "SELECT day_begins FROM app.outlets WHERE name = 'Бар'"
    assert visitor.sql(kept) == [(6,)]
    [[outlet]] = visitor.sql("SELECT outlet_id FROM app.outlets")
    assert 'value="6" selected' in (await visitor.get(f"/outlets/{outlet}")).text
    await visitor.post(f"/outlets/{outlet}", **bar, day_begins="4")
    assert visitor.sql(kept) == [(4,)]
    shop_of(visitor, str(outlet)).send(SALE)
    page = (await visitor.get(f"/outlets/{outlet}")).text
    assert 'name="day_begins"' not in page
    assert "Начало дня 04:00" in page
    await visitor.post(f"/outlets/{outlet}", **bar, day_begins="3")
    assert visitor.sql(kept) == [(4,)]


async def test_names_are_the_owners_own_and_harmless(visitor: Visitor) -> None:
    """A name is taken once per account, may be any text, and is escaped wherever it stands."""
    await visitor.join(OWNER)
    outlet, page = await add_outlet(visitor, "<script>alert(1)</script>")
    again = await visitor.post("/first-steps", name="<script>alert(1)</script>", zone="Asia/Omsk", currency="RUB")
    assert again.status_code == 422
    for shown in (page, await visitor.get("/outlets"), await visitor.get(f"/outlets/{outlet}"), again):
        assert "<script>alert" not in shown.text


async def test_an_outlet_is_renamed_disabled_and_enabled(visitor: Visitor) -> None:
    """Each change is kept; a name of another outlet is refused."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    await add_outlet(visitor, "Кафе")
    path = f"/outlets/{outlet}"
    assert (await visitor.post(path, name="Кафе", currency="RUB")).status_code == 422
    assert (await visitor.post(path, name="Лавка на углу", zone="Asia/Tomsk", currency="KZT")).status_code == 303
    kept = "SELECT name, zone, currency, disabled_at IS NOT NULL FROM app.outlets WHERE outlet_id = %s"
    assert visitor.sql(kept, outlet) == [("Лавка на углу", "Asia/Tomsk", "KZT", False)]
    await visitor.post(f"{path}/disable")
    assert visitor.sql(kept, outlet)[0][3]
    await visitor.post(f"{path}/enable")
    assert not visitor.sql(kept, outlet)[0][3]


async def test_the_zone_is_fixed_once_there_is_data(visitor: Visitor) -> None:
    """After the first upload a posted zone is passed over: the days of the reports were made by the old one."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    shop_of(visitor, outlet).send(SALE)
    assert 'name="zone"' not in (await visitor.get(f"/outlets/{outlet}")).text
    await visitor.post(f"/outlets/{outlet}", name="Лавка", zone="Asia/Tomsk", currency="RUB")
    assert visitor.sql("SELECT zone FROM app.outlets") == [("Asia/Omsk",)]


async def test_an_outlet_is_removed_after_its_name_is_typed(visitor: Visitor) -> None:
    """Tokens end, the name is free, and the removal is on its way into the log, all in one transaction."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    assert (await visitor.post(f"/outlets/{outlet}/remove", name="лавка")).status_code == 422
    assert visitor.sql("SELECT count(*) FROM app.outbox") == [(0,)]
    assert (await visitor.post(f"/outlets/{outlet}/remove", name="Лавка")).status_code == 303
    [[record]] = visitor.sql("SELECT record FROM app.outbox")
    order = decode(bytes(record))
    assert isinstance(order, OutletRemoved)
    assert order.outlet == outlet
    assert visitor.sql("SELECT removed_at IS NOT NULL FROM app.outlets") == [(True,)]
    assert visitor.sql("SELECT count(*) FROM app.till_tokens WHERE revoked_at IS NULL") == [(0,)]
    assert (await visitor.get(f"/outlets/{outlet}")).status_code == 404
    other, _ = await add_outlet(visitor)
    assert other != outlet


async def test_tokens_rotate_and_are_revoked(visitor: Visitor) -> None:
    """A new token leaves the old one working until it is revoked, or ends all others at once."""
    await visitor.join(OWNER)
    outlet, page = await add_outlet(visitor)
    [[till]] = visitor.sql("SELECT till_id FROM app.tills")
    path = f"/outlets/{outlet}/tills/{till}/tokens"
    first, second = token_on(page), token_on(await visitor.post_and_look(path))

    def valid() -> set[bytes]:
        return {bytes(h) for (h,) in visitor.sql("SELECT token_hash FROM app.till_tokens WHERE revoked_at IS NULL")}

    assert valid() == {digest(first), digest(second)}
    [[token_id]] = visitor.sql("SELECT token_id FROM app.till_tokens WHERE token_hash = %s", digest(first))
    assert (await visitor.post(f"/outlets/{outlet}/tokens/{token_id}/revoke")).status_code == 303
    assert valid() == {digest(second)}
    assert (await visitor.post(f"/outlets/{outlet}/tokens/{token_id}/revoke")).status_code == 404
    third = token_on(await visitor.post_and_look(path, revoke="1"))
    assert valid() == {digest(third)}


async def test_a_reload_keeps_the_token_and_makes_no_other(visitor: Visitor, stranger: Visitor) -> None:
    """The page with a new token is one that can be opened again: the same token, one outlet, one token in the table.
    Other browsers and accounts never see it, nor this one once another token was made."""
    await visitor.join(OWNER)
    answer = await visitor.post("/first-steps", name="Лавка", zone="Asia/Omsk", currency="RUB")
    assert answer.status_code == 303
    path = answer.headers["location"]
    assert "wo_till_" not in path
    first, again = await visitor.get(path), await visitor.get(path)
    assert token_on(first) == token_on(again)
    assert visitor.sql("SELECT count(*) FROM app.till_tokens") == [(1,)]
    command = re.findall(r"\$upload = @'\n(.*?)\n'@", first.text, re.DOTALL)
    assert json.loads(html.unescape(command[0]))["first_seq"] == 1
    await stranger.join("other@shop.example")
    assert (await stranger.get(path)).status_code == 404
    await stranger.post("/sign-out")
    await stranger.sign_in(OWNER)
    elsewhere = await stranger.get(path)
    assert elsewhere.status_code == 200
    assert "wo_till_" not in elsewhere.text
    assert "показан здесь один раз" in elsewhere.text
    [[outlet]] = visitor.sql("SELECT outlet_id FROM app.outlets")
    other = token_on(await visitor.post_and_look(f"/outlets/{outlet}/tills", name="У входа"))
    assert other != token_on(first)
    assert "wo_till_" not in (await visitor.get(path)).text


async def test_an_outlet_has_several_tills(visitor: Visitor) -> None:
    """Added with a token each, renamed, removed with their tokens."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    token = token_on(await visitor.post_and_look(f"/outlets/{outlet}/tills", name="У входа"))
    [[till]] = visitor.sql("SELECT till_id FROM app.tills WHERE name = 'У входа'")
    await visitor.post(f"/outlets/{outlet}/tills/{till}", name="У выхода")
    assert "У выхода" in (await visitor.get(f"/outlets/{outlet}")).text
    await visitor.post(f"/outlets/{outlet}/tills/{till}/remove")
    assert "У выхода" not in (await visitor.get(f"/outlets/{outlet}")).text
    assert visitor.sql("SELECT revoked_at IS NOT NULL FROM app.till_tokens WHERE token_hash = %s", digest(token)) == [
        (True,)
    ]


async def test_a_hole_is_given_up_from_the_outlets_page(visitor: Visitor) -> None:
    """The missing numbers are shown; giving them up sends one record for the log, however often it is clicked."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    shop, run = shop_of(visitor, outlet), str(uuid4())
    shop.send(SALE, run=run, first_seq=1)
    shop.send(SALE | {"sale_id": "9"}, run=run, first_seq=9)
    page = await visitor.get(f"/outlets/{outlet}")
    assert "события 2–8" in page.text
    hole: dict[str, Any] = {"till": shop.till(outlet), "run": run, "first": 2, "last": 8}
    assert (await visitor.post(f"/outlets/{outlet}/gaps", **{**hole, "last": 9})).status_code == 409
    for _ in range(2):
        assert (await visitor.post(f"/outlets/{outlet}/gaps", **hole)).status_code == 303
    [[record]] = visitor.sql("SELECT record FROM app.outbox")
    order = decode(bytes(record))
    assert isinstance(order, GapGivenUp)
    assert (order.till, order.run, order.first_seq, order.last_seq) == (shop.till(outlet), run, 2, 8)
    assert "больше не ждём" in (await visitor.get(f"/outlets/{outlet}")).text


async def test_a_foreign_outlet_is_not_found_whatever_is_done_to_it(visitor: Visitor) -> None:
    """Every page and every form of another account's outlet, till and token answers 404 and changes nothing."""
    await visitor.join(OWNER)
    mine, _ = await add_outlet(visitor)
    other = provision(owner_of(visitor.portal.database.url), "other@shop.example", ["Чужая"])
    foreign = other["outlets"][0]["outlet_id"]
    [[till]] = visitor.sql("SELECT till_id FROM app.tills WHERE outlet_id = %s", foreign)
    [[token]] = visitor.sql("SELECT token_id FROM app.till_tokens WHERE till_id = %s", till)
    everything = "SELECT * FROM app.outlets o JOIN app.tills USING (outlet_id) JOIN app.till_tokens USING (till_id)"
    before = visitor.sql(f"{everything} WHERE o.outlet_id = %s", foreign)
    assert (await visitor.get(f"/new-token/{token}")).status_code == 404
    for path in ("", "/waiting", "/arrival", "/sample.jsonl"):
        assert (await visitor.get(f"/outlets/{foreign}{path}")).status_code == 404
    for outlet in (foreign, mine):  # also their till and token under an outlet of one's own
        for path in (f"/tills/{till}", f"/tills/{till}/remove", f"/tills/{till}/tokens", f"/tokens/{token}/revoke"):
            assert (await visitor.post(f"/outlets/{outlet}{path}", name="x")).status_code == 404
    for path in ("", "/disable", "/enable", "/remove", "/tills"):
        assert (await visitor.post(f"/outlets/{foreign}{path}", name="Чужая")).status_code == 404
    assert (await visitor.post(f"/outlets/{foreign}/gaps", till=till, run=uuid4(), first=1, last=1)).status_code != 303
    assert visitor.sql(f"{everything} WHERE o.outlet_id = %s", foreign) == before
    assert visitor.sql("SELECT count(*) FROM app.outbox") == [(0,)]


async def test_the_pages_are_for_signed_in_owners(visitor: Visitor) -> None:
    """A visitor is sent to the sign-in page and back."""
    for path in ("/outlets", "/first-steps", "/account", "/licences"):
        answer = await visitor.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next=%2F{path[1:]}")
        assert (await visitor.post("/first-steps", name="x")).headers["location"] == "/sign-in"
