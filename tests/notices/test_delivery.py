"""Messages are handed over once they are due, tried again, bounded in their rate, and given up in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from notices.delivery import Delivery, Letters
from tests.logins import as_role
from tests.webapp.shop import Shop
from webapp.database import Database
from webapp.mail import Post

NOW = datetime(2031, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
async def delivery(postgres: str, tmp_path: Path) -> AsyncIterator[Delivery]:
    async with Database(as_role(postgres, "accounts")) as database:
        yield Delivery(database, {"letter": Letters(Post(None, tmp_path / "mail", "http://office.test"))})


def _queue(postgres: str, count: int, due: datetime = NOW) -> Shop:
    shop = Shop(postgres)
    shop.change(
        "INSERT INTO app.messages (account_id, person_id, channel, about, subject, body, created_at, next_attempt_at)"
        " SELECT %s, %s, 'letter', 'alarm', 'Чайная ' || n, 'Текст', %s, %s FROM generate_series(1, %s) n",
        shop.account_id, shop.account_id, NOW, due, count,
    )  # fmt: skip
    return shop


async def test_a_message_waits_for_its_time(delivery: Delivery, postgres: str, tmp_path: Path) -> None:
    """Nothing goes out in quiet hours; at their end it does, once."""
    _queue(postgres, 1, NOW + timedelta(hours=3))
    assert await delivery.send_due(NOW) == 0
    assert [await delivery.send_due(NOW + timedelta(hours=3)) for _ in range(2)] == [1, 0]
    [letter] = (tmp_path / "mail").glob("*.eml")
    assert "Чайная 1" in letter.read_text()


async def test_a_reader_gets_so_many_an_hour(delivery: Delivery, postgres: str) -> None:
    """Twelve letters an hour go to one reader; the others follow, none is lost."""
    _queue(postgres, 15)
    assert await delivery.send_due(NOW) == 12
    assert await delivery.send_due(NOW + timedelta(minutes=59)) == 0
    assert await delivery.send_due(NOW + timedelta(minutes=61)) == 3


async def test_what_is_not_taken_is_tried_again_and_given_up(delivery: Delivery, postgres: str, tmp_path: Path) -> None:
    """A message is put off for longer each time, and after three days its page says that it failed, and why."""
    shop = _queue(postgres, 1)
    (tmp_path / "mail").touch()  # no folder can be there
    assert await delivery.send_due(NOW) == 0
    state = "SELECT attempts, error, next_attempt_at, failed_at FROM app.messages"
    assert shop.sql(state) == [(1, "FileExistsError", NOW + timedelta(seconds=30), None)]
    assert await delivery.send_due(NOW + timedelta(seconds=29)) == 0
    assert shop.sql(state)[0][0] == 1
    later = NOW + timedelta(seconds=30)
    await delivery.send_due(later)
    assert shop.sql(state) == [(2, "FileExistsError", later + timedelta(minutes=1), None)]
    end = NOW + timedelta(days=3, seconds=1)
    await delivery.send_due(end)
    assert shop.sql(state)[0][3] == end
    (tmp_path / "mail").unlink()
    assert await delivery.send_due(end + timedelta(days=1)) == 0
