"""Telegram, against a server that speaks its Bot API: linking by a code, messages, refusals."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from notices.delivery import Delivery
from notices.reading import Reading
from notices.telegram import BotApi, Linking, Messages, Refused
from notices.teller import Teller
from tests.notices.bot import TOKEN, BotServer
from tests.webapp.reports.conftest import enter
from tests.webapp.shop import Shop
from tests.webapp.visitor import Visitor
from webapp.app import Portal
from webapp.database import Database

NOW = datetime(2031, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def bot() -> Iterator[BotServer]:
    with BotServer() as server:
        yield server


@pytest.fixture
async def api(bot: BotServer) -> AsyncIterator[BotApi]:
    opened = BotApi(bot.address, TOKEN)
    yield opened
    await opened.close()


@pytest.fixture
async def owner(postgres: str, portal: Portal, visitor: Visitor) -> Visitor:
    portal.telegram_bot = "weboffice_test_bot"
    Shop(postgres)
    await enter(visitor, postgres, "owner@example.com")
    return visitor


async def _code(owner: Visitor) -> str:
    page = (await owner.post_and_look("/notices/telegram/code")).text
    found = re.search(r"t\.me/weboffice_test_bot\?start=([\w-]+)", page)
    assert found
    return found[1]


async def test_a_chat_is_linked_by_its_owner_and_hears(
    owner: Visitor, bot: BotServer, api: BotApi, database: Database
) -> None:
    """The code of the page, sent in a private chat and confirmed on the page, lets that chat hear; unlinked, it hears
    no more."""
    linking = Linking(database, api)
    bot.say(42, f"/start {await _code(owner)}")
    await linking.poll()
    assert bot.sent == [(42, "Теперь откройте в Веб-офисе страницу «Оповещения» и подтвердите этот чат.")]
    assert owner.sql("SELECT count(*) FROM app.telegram_chats") == [(0,)]
    assert "Анна (@anna)" in (await owner.get("/notices")).text
    page = (await owner.post_and_look("/notices/telegram/confirm", chat="42")).text
    assert "Теперь этот чат получает оповещения." in page
    owner.sql("UPDATE app.accounts SET trial_until = now() + interval '50 hours'")
    [(account,)] = owner.sql("SELECT account_id FROM app.outlets")
    now = datetime.now(UTC)
    await Teller(database, Reading(database), "https://office.test").tell(account, now)
    delivery = Delivery(database, {"telegram": Messages(api)})
    assert await delivery.send_due(now) == 1
    chat, text = bot.sent[-1]
    assert (chat, text.count("Показатели видны до")) == (42, 2)
    assert "https://office.test/notices" in text
    assert "больше ничего не отправляем" in (await owner.post_and_look("/notices/telegram/unlink")).text
    owner.sql("UPDATE app.accounts SET trial_until = now() + interval '50 days'")
    await Teller(database, Reading(database), "https://office.test").tell(account, now + timedelta(hours=1))
    assert await delivery.send_due(now + timedelta(hours=1)) == 0
    assert "Чат Телеграма больше не получает оповещений" in (await owner.get("/journal")).text


async def test_a_code_is_good_once(owner: Visitor, bot: BotServer, api: BotApi, database: Database) -> None:
    """Another chat that sends the same code gets nothing, nor does one confirm what the page did not show; a new code
    takes the old one's place; the same update again changes nothing."""
    linking = Linking(database, api)
    code = await _code(owner)
    for chat in (42, 43):
        bot.say(chat, code)
    await linking.poll()
    assert [chat for chat, text in bot.sent if "подтвердите" in text] == [42]
    await Linking(database, api).poll()  # another process gets what the first did not say it had
    assert owner.sql("SELECT chat_id FROM app.telegram_codes") == [(42,)]
    assert "получите новый код" in (await owner.post_and_look("/notices/telegram/confirm", chat="43")).text
    fresh = await _code(owner)
    assert "получите новый код" in (await owner.post_and_look("/notices/telegram/confirm", chat="42")).text
    owner.sql("UPDATE app.telegram_codes SET expires_at = now()")
    bot.say(42, fresh)
    await linking.poll()
    assert "не действует" in bot.sent[-1][1]
    assert owner.sql("SELECT count(*) FROM app.telegram_chats") == [(0,)]


async def test_groups_are_not_spoken_to(owner: Visitor, bot: BotServer, api: BotApi, database: Database) -> None:
    """A code in a group is not taken, and nothing is said there; a chat that wants to hear no more is let go."""
    linking = Linking(database, api)
    bot.say(-7, await _code(owner), kind="group")
    await linking.poll()
    assert (bot.sent, owner.sql("SELECT chat_id FROM app.telegram_codes")) == ([], [(None,)])
    owner.sql(
        "INSERT INTO app.telegram_chats (account_id, person_id, chat_id, chat_name)"
        " SELECT account_id, account_id, 42, 'Анна' FROM app.outlets"
    )
    bot.say(42, "/stop", language="en")
    await linking.poll()
    assert bot.sent == [(42, "You hear no more from here.")]
    assert owner.sql("SELECT count(*) FROM app.telegram_chats") == [(0,)]


def _queue(shop: Shop, chat: int) -> None:
    shop.change(
        "INSERT INTO app.telegram_chats (account_id, person_id, chat_id, chat_name) VALUES (%s, %s, %s, 'Анна')",
        shop.account_id, shop.account_id, chat,
    )  # fmt: skip
    shop.change(
        "INSERT INTO app.messages (account_id, person_id, channel, about, subject, body, created_at, next_attempt_at)"
        " VALUES (%s, %s, 'telegram', 'alarm', 'Чайная', %s, %s, %s)",
        shop.account_id, shop.account_id, "Текст " * 2000, NOW, NOW,
    )  # fmt: skip


async def test_what_the_api_refuses(postgres: str, bot: BotServer, api: BotApi, database: Database) -> None:
    """Too fast: it waits as long as it is told to. Blocked: given up at once, and the page can say why."""
    shop = Shop(postgres)
    _queue(shop, 42)
    bot.busy, bot.blocked = 1, {42}
    delivery = Delivery(database, {"telegram": Messages(api)})
    await delivery.send_due(NOW)
    state = "SELECT error, next_attempt_at - created_at, failed_at FROM app.messages"
    assert shop.sql(state) == [("Telegram: 429", timedelta(seconds=7), None)]
    await delivery.send_due(NOW + timedelta(seconds=7))
    assert shop.sql(state)[0][::2] == ("Telegram: 403", NOW + timedelta(seconds=7))


async def test_a_wrong_token_and_two_that_poll(bot: BotServer, api: BotApi) -> None:
    """Each is refused, and the error holds no token."""
    wrong = BotApi(bot.address, "1:wrong")
    with pytest.raises(Refused) as refused:
        await wrong.send(42, "Текст")
    await wrong.close()
    assert (refused.value.status, "wrong" in str(refused.value)) == (401, False)
    with bot.polled, pytest.raises(Refused) as refused:
        await api.updates(0)
    assert refused.value.status == 409
