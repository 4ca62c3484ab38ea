"""Live updates: told when one of the account's own outlets has new data."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

from tests.webapp.reports.office import NOW, Office
from tests.webapp.shop import Shop, good, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal


async def test_news_of_own_outlets(portal: Portal, office: Office) -> None:
    """A page is told of a batch of its outlet once it is committed, and of no other account's."""
    other = Shop(office.shop.postgres, "other@example.com", ["Чужая"])
    await asyncio.wait_for(portal.live.listening.wait(), 10)
    stream = portal.live.news([office.shop.outlet])
    assert b"event: open" in await anext(stream)
    await asyncio.to_thread(other.send, good("g1", "Чай"))
    news = asyncio.ensure_future(anext(stream))
    await asyncio.to_thread(office.shop.send, good("g9", "Новый"))
    assert b"event: outlets" in await asyncio.wait_for(news, 10)
    again = asyncio.ensure_future(anext(stream))
    done, _ = await asyncio.wait([again], timeout=1.5)
    assert not done
    again.cancel()


async def test_an_open_page_gets_what_changed_and_nothing_else(owner: Visitor, office: Office) -> None:
    """A page says what it holds: nothing comes where nothing changed, and after a sale the part with today's sums, and
    of the outlets the row of the one that sold. Who holds another page gets all of this one."""
    page = (await owner.get("/")).text
    held = re.findall(r'data-live="/live" data-held="([^"]+)"', page)[0]
    nothing = (await owner.get("/", **{"X-Live": held})).json()
    assert nothing == {"held": held, "rest_ms": nothing["rest_ms"]}
    assert nothing["rest_ms"] >= 1000
    second = list(office.shop.outlets.values())[1]
    sold = sale("neu", (NOW - timedelta(minutes=5)).isoformat(), ("g1", "1", "12345.00"))
    await asyncio.to_thread(office.shop.send, sold, outlet=second, received=NOW)
    some = (await owner.get("/", **{"X-Live": held})).json()
    assert set(some["parts"]) == {"today-RUB", "totals"}
    [[row]] = [list(rows.values()) for rows in some["rows"].values()]
    assert some["rows"].keys() == {"outlets"}
    assert row.startswith(f'<tr data-row="{second}"')
    assert row in (await owner.get("/")).text
    assert (await owner.get("/", **{"X-Live": some["held"]})).json()["held"] == some["held"]
    assert 'data-part="outlets"' in (await owner.get("/", **{"X-Live": "rows:00"})).json()["main"]


async def test_streams_end_with_the_portal(portal: Portal, office: Office) -> None:
    """Closing ends every stream, so that a server can stop."""
    stream = portal.live.news([office.shop.outlet])
    await anext(stream)
    waiting = asyncio.ensure_future(anext(stream, b""))
    await asyncio.sleep(0)
    portal.live.close()
    assert await asyncio.wait_for(waiting, 5) == b""


async def test_a_visitor_gets_no_news(visitor: Visitor) -> None:
    """Without a session there is no stream."""
    assert (await visitor.get("/live")).status_code == 303
