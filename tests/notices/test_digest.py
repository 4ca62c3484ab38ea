"""«Утро владельца»: due at its hour, told once, with the figures that the read API gives, in both languages."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
from PIL import Image
from starlette.applications import Starlette

from notices.delivery import Delivery, Letters
from notices.digest import OutletDigest, due, message, windows
from notices.digest_reading import read
from notices.digests import Digests
from notices.fitting import fitted, units
from notices.picture import HEIGHT, WIDTH, fortnight
from notices.telegram import BotApi, Messages
from tests.notices.bot import TOKEN, BotServer
from tests.notices.test_rules import OUTLET
from tests.webapp.reports.office import NOW, Office
from tests.webapp.shop import Shop
from webapp import formats
from webapp.account import Account
from webapp.account_outlets import outlets
from webapp.app import Portal
from webapp.completeness.left_out import LeftOut
from webapp.completeness.state import Completeness, Missing
from webapp.database import Database
from webapp.mail import Post
from webapp.reports.off_days import OffDay
from webapp.reports.sums import Sums

MOSCOW = ZoneInfo("Europe/Moscow")
MORNING = datetime(2026, 11, 24, 8, 5, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("at", "kinds"),
    [
        ((2026, 11, 24, 7, 59), []),
        ((2026, 11, 24, 8, 0), ["day"]),
        ((2026, 11, 24, 13, 59), ["day"]),
        ((2026, 11, 24, 14, 0), []),
        ((2026, 11, 23, 8, 0), ["day", "week"]),
        ((2026, 12, 1, 8, 0), ["day", "month"]),
        ((2026, 6, 1, 8, 0), ["day", "week", "month"]),
    ],
)
def test_when_a_digest_is_due(at: tuple[int, int, int, int, int], kinds: list[str]) -> None:
    """At the hour by the outlet's clock and for six hours after it, each once."""
    now = datetime(*at, tzinfo=MOSCOW).astimezone(UTC)
    found = due(now, "Europe/Moscow", 8, ["day", "week", "month"], ())
    assert [kind for kind, _ in found] == kinds
    assert due(now, "Europe/Moscow", 8, ["day", "week", "month"], found) == []
    assert due(now, "Europe/Moscow", 8, [], ()) == []


@pytest.mark.parametrize(
    ("zone", "day", "hour", "first"),
    [
        ("Europe/Moscow", date(2026, 11, 24), 8, (24, 5)),
        ("Asia/Vladivostok", date(2026, 11, 24), 8, (23, 22)),
        ("Europe/Kaliningrad", date(2026, 11, 24), 0, (23, 22)),
        ("Asia/Kamchatka", date(2026, 11, 24), 23, (24, 11)),
        ("Europe/Berlin", date(2026, 3, 29), 8, (29, 6)),
        ("Europe/Berlin", date(2026, 3, 29), 2, (29, 1)),  # there is no two o'clock: at three
        ("Europe/Berlin", date(2026, 10, 25), 8, (25, 7)),
        ("Europe/Berlin", date(2026, 10, 25), 2, (25, 0)),  # two comes twice: at the first
        ("Australia/Lord_Howe", date(2026, 10, 4), 2, (3, 15)),  # half an hour is skipped: at half past two
    ],
)
def test_each_day_has_its_morning_whatever_the_clock_does(
    zone: str, day: date, hour: int, first: tuple[int, int]
) -> None:
    """Looked at every quarter of an hour for three days, no morning is left out or told twice: each is at the hour of
    the zone's clock, also on days of 23 and of 25 hours."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1)
    told: dict[tuple[str, date], datetime] = {}
    for quarter in range(3 * 96):
        now = begin + timedelta(minutes=15 * quarter)
        told |= dict.fromkeys(due(now, zone, hour, ["day"], told), now)
    at = told["day", day]
    assert (at.day, at.hour) == first
    assert at.astimezone(ZoneInfo(zone)).date() == day
    mornings = [morning for _, morning in told]
    assert mornings == [mornings[0] + timedelta(days=n) for n in range(len(mornings))]


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        ("day", [(11, 23), (11, 23), (11, 16), (11, 16)]),
        ("week", [(11, 16), (11, 22), (11, 9), (11, 15)]),
        ("month", [(10, 1), (10, 31), (9, 1), (9, 30)]),
    ],
)
def test_what_is_compared_with_what(kind: str, days: list[tuple[int, int]]) -> None:
    """A day with the same weekday before, a week and a month with the whole one before; by the outlet's own days."""
    now, before = windows(kind, OUTLET, MORNING)  # type: ignore[arg-type]
    assert [now.first, now.last, before.first, before.last] == [date(2026, *day) for day in days]
    night = msgspec.structs.replace(OUTLET, day_begins=9)
    assert windows("day", night, MORNING)[0].last == date(2026, 11, 22)


@pytest.mark.parametrize("kind", ["day", "week", "month"])
async def test_the_figures_are_those_of_the_api(postgres: str, portal: Portal, kind: str) -> None:
    """Revenue, receipts and returns of each outlet, and revenue before, are the sums of what the read API gives."""
    shop = Office(postgres).shop
    account = Account(shop.account_id)
    account_outlets = await outlets(portal.database, account)
    digests = await read(portal.database, None, account, account_outlets, kind, {}, NOW)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=Starlette(routes=portal.routes()))
    headers = {"Authorization": f"Bearer {shop.token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://office.test", headers=headers) as client:
        for each in digests:
            present, before = windows(kind, each.outlet, NOW)  # type: ignore[arg-type]
            for window, sums in ((present, each.sums), (before, each.before)):
                asked = {"from": str(window.first), "to": str(window.last)}
                rows = (await client.get(f"/api/v1/outlets/{each.outlet.outlet_id}/daily", params=asked)).json()
                assert rows or window is before
                assert sums.revenue == sum(Decimal(row["revenue"]) for row in rows)
                assert sums.sales == sum(row["sales"] for row in rows)
                assert sums.returns_sum == sum(Decimal(row["returns_sum"]) for row in rows)
                assert (sums.unreconciled == 0) == all(row["reconciles"] for row in rows)
            said = message(kind, [each], "ru", "https://office.test")  # type: ignore[arg-type]
            for text in (said.body, said.html, said.subject):
                assert formats.money(each.sums.revenue, "ru") in text
            assert f"Чеков: {formats.number(each.sums.sales, 'ru')}" in said.body
            assert ("Все чеки на месте и сходятся" in said.body) == (each.whole.whole and not each.off_days)


def _wants(shop: Shop, *kinds: str) -> None:
    shop.change(
        "INSERT INTO app.hearers (account_id, person_id, letters, digest_hour, digests) VALUES (%s, %s, true, 8, %s)",
        shop.account_id, shop.account_id, list(kinds),
    )  # fmt: skip


_HERE = Completeness(through=datetime(2026, 11, 24, 11, tzinfo=UTC))


@pytest.mark.parametrize(
    ("whole", "off", "said"),
    [
        (Completeness(), (), "• Пока ничего не пришло"),
        (_HERE, (), "• Все чеки на месте и сходятся"),
        (Completeness(left_out=LeftOut(refused_before=3)), (), "• Всё на месте, кроме событий, исключённых раньше"),
        (Completeness(left_out=LeftOut(passed_over=True)), (), "• Всё на месте, кроме событий, исключённых раньше"),
        (Completeness(missing=(Missing("", UUID(int=1), UUID(int=2), 4, 9),)), (), "! Не пришли события: 6"),
        (Completeness(behind=True), (), "! Ещё не всё пришедшее учтено"),
        (Completeness(quarantined=2), (), "! Отложены события: 2"),
        (_HERE, ("0.40",), "• Чеки не сходятся на 0,40"),
        (_HERE, ("40",), "! Чеки не сходятся на 40,00"),
    ],
)
def test_nothing_is_called_whole_that_is_not(whole: Completeness, off: tuple[str, ...], said: str) -> None:
    """That every receipt is there and adds up is said where it is so, and of anything else what it is."""
    day = date(2026, 11, 23)
    off_days = tuple(OffDay(day, 1, Decimal(amount), Decimal(0), Decimal(1)) for amount in off)
    each = OutletDigest(OUTLET, day, day, Sums(sales=2, revenue=Decimal(10)), Sums(), whole, off_days)
    body = message("day", [each], "ru", "https://office.test").body
    assert said in body
    assert ("Все чеки на месте" in body) == (whole.whole and not off and whole.through is not None)


async def test_it_is_told_once_to_who_wants_it(postgres: str, database: Database, tmp_path: Path) -> None:
    """Whoever tells and however often: one letter a morning, as text and as HTML that say the same; nobody else's."""
    shop = Office(postgres).shop
    told = [Digests(database, None, "https://office.test") for _ in range(2)]
    assert [await digests.tell(shop.account_id, MORNING) for digests in told] == [0, 0]
    _wants(shop, "day", "week")
    assert sum(await asyncio.gather(*(digests.tell(shop.account_id, MORNING) for digests in told))) == 1
    assert await told[0].tell(shop.account_id, MORNING + timedelta(hours=1)) == 0
    assert await told[1].tell(shop.account_id, MORNING + timedelta(days=1)) == 1
    delivery = Delivery(database, {"letter": Letters(Post(None, tmp_path / "mail", "https://office.test"))})
    assert await delivery.send_due(MORNING) == 1
    [file] = (tmp_path / "mail").glob("*.eml")
    letter = message_from_bytes(file.read_bytes(), policy=default)
    assert letter.get_content_type() == "multipart/alternative"
    plain, related = letter.iter_parts()
    page, picture = related.iter_parts()
    text, html = plain.get_content(), page.get_content()
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html
    assert Image.open(BytesIO(picture.get_content())).size == (WIDTH, HEIGHT)
    assert str(letter["Subject"]).startswith("Вчера: понедельник, 23 ноября · ")
    lines = [line.removeprefix("• ").removeprefix("! ") for line in text.splitlines() if line]
    shown = re.sub(r"<[^>]+>", "\n", html).replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">")
    shown = shown.replace("&#39;", "'").replace("&amp;", "&")
    for line in lines[:-2]:
        for part in line.split(": ", 1) if line.startswith(("Чайная", "Кофейня", "Все торговые точки")) else [line]:
            assert part in shown
    assert "<script" not in html


async def test_a_member_hears_of_his_outlets(postgres: str, database: Database) -> None:
    """An accountant of one outlet gets its figures alone, in the morning of its clock; a seller gets none."""
    shop = Office(postgres).shop
    shop.change("UPDATE app.outlets SET zone = 'Asia/Vladivostok' WHERE outlet_id = %s", shop.outlets["Кофейня"])
    for role in ("accountant", "seller"):
        member = Shop(postgres, email=f"{role}@example.com", outlets=("Своя",))
        member.change(
            "INSERT INTO app.members (account_id, person_id, role, outlets) VALUES (%s, %s, %s, %s)",
            shop.account_id, member.account_id, role, [shop.outlets["Кофейня"]],
        )  # fmt: skip
        member.change(
            "INSERT INTO app.hearers (account_id, person_id, letters, digests) VALUES (%s, %s, true, '{day}')",
            shop.account_id, member.account_id,
        )  # fmt: skip
    digests, there = Digests(database, None, "https://office.test"), ZoneInfo("Asia/Vladivostok")
    assert await digests.tell(shop.account_id, MORNING) == 0  # three in the afternoon there
    assert await digests.tell(shop.account_id, datetime(2026, 11, 24, 7, 59, tzinfo=there)) == 0
    assert await digests.tell(shop.account_id, datetime(2026, 11, 24, 8, 0, tzinfo=there)) == 1
    [(body,)] = shop.sql("SELECT body FROM app.messages")
    assert "Кофейня" in body
    assert "Чайная" not in body


def test_a_chain_s_digest_fits_into_a_message() -> None:
    """Of what is too long for Telegram, which counts in UTF-16, whole lines are left out, and the links stay."""
    day = date(2026, 11, 23)
    chain = [
        OutletDigest(
            msgspec.structs.replace(OUTLET, name=f"Лавка 🍏🍏 {n}"), day, day, Sums(sales=2), Sums(), Completeness()
        )
        for n in range(60)
    ]
    body = message("day", chain, "ru", "https://office.test").body
    text = fitted(body)
    assert units(body) > 4096 >= units(text) > 3900
    head, more, links = text.partition("\n…\n\n")
    assert body.startswith(head + "\n")
    assert body.rstrip().endswith(links)
    assert (more, "https://office.test/notices" in links) == ("\n…\n\n", True)
    assert fitted("коротко") == "коротко"
    assert units(fitted("🍏" * 5000)) <= 4096
    assert units(fitted("слово\n" * 5000)) <= 4096


def _bars(days: list[str]) -> list[tuple[int, int]]:
    """The upper and lower ends of the bars that the picture has, by day, in pixels; (0, 0) where there is none."""
    last = date(2026, 11, 23)
    dated = [(last - timedelta(days=len(days) - 1 - n), Decimal(each)) for n, each in enumerate(days)]
    image = Image.open(BytesIO(fortnight(dated, "ru", "RUB"))).convert("RGB")
    found = []
    for n in range(len(days)):
        x = round(12 + (n + 0.5) * (WIDTH - 24) / len(days))
        column = [image.getpixel((x, y)) for y in range(56, HEIGHT - 64)]
        coloured = [y for y, pixel in enumerate(column) if pixel not in ((255, 255, 255), (74, 88, 103))]
        found.append((coloured[0], coloured[-1]) if coloured else (0, 0))
    return found


def test_the_picture_has_a_bar_for_each_day() -> None:
    """As high as the day's revenue, below the line where returns were more, none where there was nothing."""
    full, half, none, below = _bars(["1000", "500", "0", "-500"])
    assert none == (0, 0)
    assert full[1] - full[0] == pytest.approx(2 * (half[1] - half[0]), abs=4)
    assert below[1] - below[0] == pytest.approx(half[1] - half[0], abs=4)
    assert below[0] >= full[1]
    assert _bars(["0", "-5"])[1] != (0, 0)


@pytest.mark.parametrize("length", [10, 2000])
async def test_a_chat_gets_the_picture_with_the_text(postgres: str, database: Database, length: int) -> None:
    """One message: the text below the picture, or the text alone where it is too long for that."""
    shop = Shop(postgres)
    picture = fortnight([(date(2026, 11, 23), Decimal(5))], "ru", "RUB")
    shop.change(
        "INSERT INTO app.telegram_chats (account_id, person_id, chat_id, chat_name) VALUES (%s, %s, 42, 'Анна')",
        shop.account_id, shop.account_id,
    )  # fmt: skip
    shop.change(
        "INSERT INTO app.messages (account_id, person_id, channel, about, subject, body, picture, created_at,"
        " next_attempt_at) VALUES (%s, %s, 'telegram', 'digest', 'Вчера', %s, %s, %s, %s)",
        shop.account_id, shop.account_id, "я" * length, picture, MORNING, MORNING,
    )  # fmt: skip
    with BotServer() as bot:
        api = BotApi(bot.address, TOKEN)
        assert await Delivery(database, {"telegram": Messages(api)}).send_due(MORNING) == 1
        await api.close()
    assert bot.pictures == (1 if length == 10 else 0)
    assert bot.sent == [(42, "Вчера\n\n" + "я" * length)]


@pytest.mark.parametrize("locale", ["ru", "en"])
async def test_both_languages(postgres: str, database: Database, locale: str) -> None:
    """The best and the worst outlet, what is odd and what runs out are said in the reader's language."""
    shop = Office(postgres).shop
    account_outlets = await outlets(database, Account(shop.account_id))
    digests = await read(database, None, Account(shop.account_id), account_outlets, "day", {}, NOW)
    digests = [
        msgspec.structs.replace(each, before=Sums(sales=5, revenue=Decimal(100 * number)))
        for number, each in enumerate(digests, start=1)
    ]
    said = message("day", digests, locale, "https://office.test")
    assert "%(" not in said.body
    for english, russian in (
        ("Best: ", "Лучше всех: "),
        ("Worst: ", "Хуже всех: "),
        ("All outlets", "Все торговые точки"),
    ):
        assert (russian if locale == "ru" else english) in said.body
    assert f'<html lang="{locale}">' in said.html
