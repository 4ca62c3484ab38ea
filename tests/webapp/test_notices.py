"""«Оповещения»: what stands and what was sent, how the reader hears of it, and what is told of each outlet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.shop import Shop
from tests.webapp.visitor import Visitor


@pytest.fixture
async def owner(postgres: str, visitor: Visitor) -> Visitor:
    shop = Shop(postgres, outlets=("Чайная", "Кофейня"))
    shop.change(
        "INSERT INTO app.alarms (outlet_id, kind, subject, facts, told_at) VALUES (%s, 'missing', 'x', '{}', now())",
        shop.outlet,
    )
    shop.change(
        "INSERT INTO app.messages (account_id, person_id, channel, about, subject, body, created_at, next_attempt_at,"
        " attempts, error, sent_at, failed_at) SELECT %s, %s, 'letter', 'alarm', t.subject, 'Текст', now(), now(), 1,"
        " t.error, CASE WHEN t.error = '' THEN now() END, CASE WHEN t.error <> '' THEN now() END"
        " FROM (VALUES ('Чайная: ушло', ''), ('Чайная: <b>нет</b>', 'SMTPServerDisconnected')) t (subject, error)",
        shop.account_id, shop.account_id,
    )  # fmt: skip
    await enter(visitor, postgres, "owner@example.com")
    return visitor


async def test_the_page_shows_what_was_sent_and_what_failed(owner: Visitor) -> None:
    """What stands by outlet; each message with what became of it, its text as text."""
    page = (await owner.get("/notices")).text
    assert "Не хватает чеков" in page
    assert "Чайная: ушло" in page
    assert "попытки прекращены" in page
    assert "SMTPServerDisconnected" in page
    assert "&lt;b&gt;нет&lt;/b&gt;" in page


async def test_once_no_licence_is_left_no_message_is_shown(owner: Visitor) -> None:
    """What was sent holds figures: then the page says only what became of it. It still says how one wants to hear."""
    owner.sql("UPDATE app.accounts SET trial_until = now() - interval '1 day'")
    page = (await owner.get("/notices")).text
    assert "Чайная: ушло" not in page
    assert "Текст" not in page
    assert "попытки прекращены" in page
    assert 'name="letters"' in page


async def test_how_one_hears_of_it(owner: Visitor) -> None:
    """An owner hears by letter at any hour until he chooses; what is no hour is none; digests are had by who
    asks for them."""
    assert 'name="letters" value="1" checked' in (await owner.get("/notices")).text
    wanted: dict[str, Any] = {"quiet_from": "22", "quiet_until": "9", "digest_hour": "7", "zone": "Asia/Vladivostok"}
    page = (await owner.post_and_look("/notices", **wanted, digest=["week", "x"])).text
    assert '<option value="Asia/Vladivostok" selected>' in page
    assert 'name="letters" value="1" checked' not in page
    assert page.count('<option value="22" selected>') == page.count('<option value="9" selected>') == 1
    assert '<option value="7" selected>' in page
    assert 'value="week" checked' in page
    assert 'value="day" checked' not in page
    await owner.post("/notices", letters="1", quiet_from="22", quiet_until="99", zone="Mars/Base")
    chosen = "SELECT letters, quiet_from, quiet_until, digest_hour, digests, zone FROM app.hearers"
    assert owner.sql(chosen) == [(True, None, None, 8, [], None)]


async def test_rules_are_tuned_per_outlet(owner: Visitor) -> None:
    """What is ticked is on; a number is brought within its bounds; the other outlet keeps the defaults."""
    [(tea,), (coffee,)] = owner.sql("SELECT outlet_id FROM app.outlets ORDER BY name DESC")
    numbers: dict[str, Any] = {"silent": "5", "drawer": "250", "day": "-3", "licence": "7"}
    page = (await owner.post_and_look(f"/outlets/{tea}/notices", active=["silent", "cover"], **numbers)).text
    assert 'value="cover" checked' in page
    assert 'value="drawer" checked' not in page
    rules = dict(owner.sql("SELECT kind, (active, threshold)::text FROM app.alarm_rules WHERE outlet_id = %s", tea))
    assert rules["silent"] == "(t,15)"
    assert rules["drawer"] == "(f,250)"
    assert rules["day"] == "(f,1)"
    assert rules["licence"] == "(f,0)"
    assert not owner.sql("SELECT FROM app.alarm_rules WHERE outlet_id = %s", coffee)
    assert 'value="drawer" checked' in (await owner.get(f"/outlets/{coffee}/notices")).text


@pytest.mark.parametrize(
    ("role", "sees", "tunes"), [("manager", 200, 303), ("accountant", 200, 403), ("seller", 403, 403)]
)
async def test_who_may(owner: Visitor, postgres: str, stranger: Visitor, role: str, sees: int, tunes: int) -> None:
    """Managers tune outlets, accountants hear of them, sellers neither; of another's outlet nobody knows; and nobody
    sees what was sent to another."""
    member = Shop(postgres, email="member@example.com", outlets=("Своя",))
    [(tea, account)] = owner.sql("SELECT outlet_id, account_id FROM app.outlets WHERE name = 'Чайная'")
    await enter(stranger, postgres, "member@example.com")
    assert (await stranger.post(f"/outlets/{tea}/notices", active="day")).status_code == 404
    member.change(
        "INSERT INTO app.members (account_id, person_id, role, outlets) VALUES (%s, %s, %s, %s)",
        account, member.account_id, role, [tea],
    )  # fmt: skip
    member.change("UPDATE app.sessions SET viewed_account_id = %s WHERE account_id = %s", account, member.account_id)
    page = await stranger.get("/notices")
    assert page.status_code == sees
    assert "ушло" not in page.text
    assert (await stranger.post("/notices", letters="1")).status_code == (303 if sees == 200 else 403)
    assert (await stranger.post(f"/outlets/{tea}/notices", active="day")).status_code == tunes
