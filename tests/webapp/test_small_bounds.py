"""Bounds that need little telling: foreign hosts' names, letters in clear, old letters, live streams of a session."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from webapp.app import Portal
from webapp.live import MOST_STREAMS, Live
from webapp.mail import _clear_is_allowed, clear_old


@pytest.mark.parametrize(
    ("host", "status"),
    [("office.example", 200), ("127.0.0.1:8080", 200), ("evil.example", 421), ("office.example.evil.example", 421)],
)
async def test_another_hosts_name_is_refused(postgres: str, tmp_path: Path, host: str, status: int) -> None:
    """Under https pages answer to their own name, and to this machine's; another name that leads here is refused."""
    async with Portal(postgres, home=tmp_path, public_url="https://office.example", smtp_url=None) as portal:
        transport = httpx.ASGITransport(app=Starlette(routes=portal.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="https://office.example") as client:
            assert (await client.get("/sign-in", headers={"Host": host})).status_code == status


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("smtp://localhost:25", True),
        ("smtp://127.0.0.1", True),
        ("smtp://mail.example", False),
        ("smtp://mail.example?clear=yes", True),
    ],
)
def test_letters_go_in_clear_where_it_is_allowed_alone(url: str, allowed: bool) -> None:
    """A server without encryption gets letters on this machine, or where the setting says so."""
    assert _clear_is_allowed(urlsplit(url)) == allowed


def test_old_letters_go(tmp_path: Path) -> None:
    """Letters written before a moment are deleted, others and other files stay."""
    for name, age in (("000001.eml", 100), ("000002.eml", 10), ("notes.txt", 100)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    clear_old(tmp_path, time.time() - 50)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000002.eml", "notes.txt"]


async def test_a_session_has_so_many_streams() -> None:
    """One more live stream than a session may have ends its oldest; another session's stay."""
    live = Live("postgresql://nobody@/nothing")
    other = live.news(["a"], "other")
    streams = [live.news(["a"], "mine") for _ in range(MOST_STREAMS + 1)]
    for stream in (other, *streams[:-1]):
        assert (await anext(stream)).startswith(b"retry")
    ending = asyncio.ensure_future(anext(streams[0], None))
    await asyncio.sleep(0)
    assert (await anext(streams[-1])).startswith(b"retry")
    assert await asyncio.wait_for(ending, 5) is None
    waiting = [asyncio.ensure_future(anext(stream, b"ended")) for stream in (other, *streams[1:])]
    done, _ = await asyncio.wait(waiting, timeout=0.2)
    assert not done
    live.close()
    await asyncio.gather(*waiting)
