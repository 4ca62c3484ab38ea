"""A chain with a big shop, many owners and many tills at once, on the tree that this process is started in.

Usage: crowd.py PLAN FILE: reads the plan and writes what was found, both JSON. A process of its own, since the step
`grow` runs it twice: with this tree, and with another commit's.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import msgspec
import psycopg
from msgspec import Struct

from benchmarks import grown, pages, portal
from benchmarks.grown import Shop
from benchmarks.usage import Watch
from ops.migrate import migrate
from ops.provisioning import create_sign_in_link

_CHAIN = "chain@example.org"
_BIG = "Большая"
_MIDDLE = Shop(500, 3_000, 100, 90)
_SMALL = Shop(20, 60, 5, 30)


class Plan(Struct, frozen=True):
    """How much: outlets of the chain, goods and receipts of its big shop, owners at once for so many seconds, and how
    often each page is asked for."""

    postgres: str
    outlets: int
    goods: int
    receipts: int
    owners: int
    seconds: float
    requests: int


class Crowd(Struct):
    """Milliseconds: of each page and call, one after the other, None where it was not shown; of all owners' pages, and
    how many of those failed. `memory` is the portal's greatest, in MB, while eight lists became files."""

    pages: dict[str, list[float | None]] = {}
    owners: list[float] = []
    failed: int = 0
    memory: dict[str, float] = {}
    others: float = 0.0


def measure(plan: Plan) -> Crowd:
    migrate(plan.postgres)
    last = portal.NOW.date()
    shops = {_BIG: Shop(plan.goods, plan.receipts, plan.goods // 5)}
    shops |= {f"Точка {number}": _SMALL for number in range(1, plan.outlets)}
    account, outlets = grown.chain(plan.postgres, _CHAIN, shops, last)
    owners = [f"owner{number}@example.org" for number in range(plan.owners)]
    for owner in owners:
        grown.chain(plan.postgres, owner, {"Своя": _MIDDLE}, last)
    with psycopg.connect(plan.postgres, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    found = Crowd()
    with pages.portal_on(plan.postgres) as (url, pid), Watch({"portal": pid}) as watch:
        browser = signed_in(plan.postgres, _CHAIN, url)
        api = httpx.Client(base_url=url, timeout=60, headers={"Authorization": f"Bearer {account['owner_token']}"})
        asked = [(browser, path) for path in _addresses(outlets[_BIG])]
        asked += [(api, path) for path in pages.calls(outlets[_BIG], "s-9")]
        for client, path in asked:
            name = path.replace(outlets[_BIG], "…")
            found.pages[name] = [_milliseconds(client, path) for _ in range(plan.requests)]
        asyncio.run(_together([signed_in(plan.postgres, owner, url) for owner in owners], plan.seconds, found))
        found.memory = asyncio.run(_files(plan, url, pid, owners))
    found.others = watch.others
    return found


def _addresses(outlet: str) -> list[str]:
    """The pages that every history is measured by, and those that many goods and receipts make dear."""
    return [
        *pages.addresses(outlet, "s-9"),
        f"/sales?outlet={outlet}&range=30d&kind=all&category=Чай",
        f"/sales?outlet={outlet}&range=30d&kind=all&good=g1",
        f"/goods?outlet={outlet}&query=чай+чёрный",
        f"/goods?outlet={outlet}&query=сгущонка",
        f"/goods?outlet={outlet}&category=Чай",
        f"/goods?outlet={outlet}&sort=-quantity",
        f"/goods/card?outlet={outlet}&good=g1",
        f"/contacts?outlet={outlet}&query=ивоноф",
    ]


def signed_in(postgres: str, email: str, url: str) -> httpx.Client:
    client = httpx.Client(base_url=url, timeout=60)
    link = create_sign_in_link(postgres, email, url)
    client.post(link, headers={"Sec-Fetch-Site": "same-origin"}, data={"x": "y"})
    return client


def _milliseconds(client: httpx.Client, path: str) -> float | None:
    """How long an answer takes; None where it is that there is none."""
    started = time.perf_counter()
    status = client.get(path).status_code
    return (time.perf_counter() - started) * 1000 if status == 200 else None


async def _together(browsers: Sequence[httpx.Client], seconds: float, found: Crowd) -> None:
    """Every owner asks for one page after the other without thinking."""
    paths = ("/", "/report", "/sales", "/goods", "/contacts", "/sold")
    until = time.monotonic() + seconds

    async def owner(number: int, cookies: httpx.Cookies, base: httpx.URL) -> None:
        async with httpx.AsyncClient(base_url=base, timeout=60, cookies=cookies) as client:
            while time.monotonic() < until:
                number += 1
                started = time.perf_counter()
                answer = await client.get(paths[number % len(paths)])
                found.owners.append((time.perf_counter() - started) * 1000)
                found.failed += answer.status_code != 200

    await asyncio.gather(*(owner(n, client.cookies, client.base_url) for n, client in enumerate(browsers)))


async def _files(plan: Plan, url: str, pid: int, owners: Sequence[str]) -> dict[str, float]:
    """MB of the portal, before and while eight lists become files at once, and how long other pages take meanwhile."""
    before = Watch({"portal": pid}, peaks=True)
    with before:
        await asyncio.sleep(1.5)
    chain = signed_in(plan.postgres, _CHAIN, url)
    others = [signed_in(plan.postgres, owner, url) for owner in owners[:7]]
    with Watch({"portal": pid}, peaks=True) as during:
        made = [
            asyncio.create_task(_file(client, "/sales/export.xlsx?range=all&outlet=all")) for client in (chain, *others)
        ]
        waits = []
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            while not all(task.done() for task in made):
                started = time.perf_counter()
                await client.get("/sign-in")
                waits.append((time.perf_counter() - started) * 1000)
                await asyncio.sleep(0.1)
        sizes = [await task for task in made]
    return {
        "before": before.peak["portal"] / 2**20,
        "while eight are made": during.peak["portal"] / 2**20,
        "slowest other page, ms": max(waits),
        "their median, ms": statistics.median(waits),
        "MB of files": sum(sizes) / 2**20,
    }


async def _file(browser: httpx.Client, path: str) -> int:
    """Bytes of a list as a file."""
    async with httpx.AsyncClient(base_url=browser.base_url, timeout=900, cookies=browser.cookies) as client:
        size = 0
        async with client.stream("GET", path) as answer:
            async for piece in answer.aiter_bytes():
                size += len(piece)
        return size if answer.status_code == 200 else 0


if __name__ == "__main__":
    given, kept = sys.argv[1:]
    Path(kept).write_bytes(msgspec.json.encode(measure(msgspec.json.decode(Path(given).read_bytes(), type=Plan))))
