"""'All here' is said where it is true: not over refused receipts, nor while any wait in the log. The real service."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from ops.logends import LogEndsOf
from ops.settings import Settings
from producers.till.client import TillClient
from tests.service import Service, running
from tests.webapp.reports.reader import part
from tests.webapp.shop import sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal

OWNER = "owner@shop.example"


@contextlib.asynccontextmanager
async def owner(settings: Settings, tmp_path: Path) -> AsyncIterator[Visitor]:
    """An owner who has signed in to a portal of this process, beside the service's Kafka and PostgreSQL."""
    log_ends = LogEndsOf(settings.kafka, settings.topics)
    async with (
        log_ends.open(),
        Portal(
            settings.postgres, home=tmp_path, public_url="http://office.test", smtp_url=None, log_ends=log_ends
        ) as portal,
    ):
        visitor = Visitor(portal)
        await visitor.join(OWNER)
        yield visitor
        await visitor.http.aclose()


def send(service: Service, token: str, spool: Path, *events: dict[str, Any]) -> None:
    with TillClient(service.url, token, spool, state_dir=spool.parent / "state") as till:
        till.append(list(events))
        till.send()


async def test_all_here_is_true(service_settings: Settings, tmp_path: Path) -> None:
    """300 receipts with numbers in place of texts, through the till client: refused, told, nowhere 'all here'. And a
    receipt that waits in the log, before either worker: not 'all here' before it is in the figures."""
    with running(service_settings) as service:
        async with owner(service_settings, tmp_path) as visitor:
            account = await asyncio.to_thread(service.provision, "Лавка", email=OWNER)
            [made], read = account["outlets"], account["owner_token"]
            outlet, token = made["outlet_id"], made["till_token"]
            first = sale("first", "2026-11-24T10:00:00+03:00", ("g1", "1", "100"))
            await asyncio.to_thread(send, service, token, tmp_path / "spool", first)
            await asyncio.to_thread(service.wait_until_worked_off)
            assert await said_in_the_end(visitor, "все чеки на месте", "/", "outlets")

            for worker in ("project", "anonymise"):
                pid = service.pids()[worker]
                os.kill(pid, signal.SIGSTOP)
                try:
                    later = sale(worker, "2026-11-24T11:00:00+03:00", ("g1", "1", "100"))
                    await asyncio.to_thread(send, service, token, tmp_path / "spool", later)
                    for page, name in (("/", "outlets"), (f"/outlets/{outlet}/ledger", "verdict")):
                        said = await shown(visitor, page, name)
                        assert "ещё считаются" in said
                        assert "на месте" not in said
                    state = await asyncio.to_thread(service.get, f"/api/v1/outlets/{outlet}/completeness", read)
                    assert (state["complete"], state["counting"]) == (False, True)
                    assert "ничего не пропущено" not in await shown(visitor, f"/report?outlet={outlet}", "truth")
                finally:
                    os.kill(pid, signal.SIGCONT)
                await asyncio.to_thread(service.wait_until_worked_off)
                assert await said_in_the_end(visitor, "все чеки на месте", "/", "outlets")

            wrong = [sale(f"w{n}", "2026-11-24T12:00:00+03:00", ("g1", "1", "100")) for n in range(300)]
            for each in wrong:
                each["lines"][0]["price"] = 100
            await asyncio.to_thread(send, service, token, tmp_path / "spool", *wrong)
            await asyncio.to_thread(service.wait_until_worked_off)
            for page, name in (("/", "outlets"), (f"/report?outlet={outlet}", "truth")):
                said = await shown(visitor, page, name)
                assert "300 событий отклонены (Касса 1)" in said
                assert "на месте" not in said
            assert "число 100 нужно взять в кавычки" in await shown(visitor, f"/outlets/{outlet}/ledger", "refused")
            [ledger] = (await asyncio.to_thread(service.command, "ledger"))["outlets"]
            assert (ledger["withdrawn"], ledger["discarded"], ledger["applied"]) == (300, 300, 3)


async def said_in_the_end(visitor: Visitor, words: str, page: str, name: str) -> bool:
    """Whether a part of a page says it before long: where Kafka does not answer in time, the page is cautious."""
    for _ in range(40):
        if words in await shown(visitor, page, name):
            return True
        await asyncio.sleep(0.25)
    return False


async def shown(visitor: Visitor, page: str, name: str) -> str:
    return part((await visitor.get(page)).text, name)
