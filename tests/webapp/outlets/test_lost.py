"""What a till was told 202 for and the service lost with a log: its owner reads of it until it comes or is given up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from projections import orders
from projections.apply.engine import Engine
from projections.proof.ledger import _from_runs
from projections.runs import acknowledged
from schemas.errors import Refused
from schemas.log import LogRecord
from schemas.records import GapGivenUp, encode, headers
from tests.webapp.outlets.test_ledger import office, sales
from tests.webapp.shop import Shop
from tests.webapp.visitor import Visitor


class Losing:
    """An outlet whose till is gone. It had sent 1–5 of `run`, of which 1–2 came, and all of `unknown`, 1–3."""

    def __init__(self, outlet: str, shop: Shop) -> None:
        self.outlet, self.shop = outlet, shop
        self.till, self.run, self.unknown = shop.till(outlet), str(uuid4()), str(uuid4())
        shop.send(*sales(1, 2), outlet=outlet, run=self.run)
        with psycopg.connect(shop.postgres) as connection:
            acknowledged.note_lost(connection, [(self.of(self.run), 5), (self.of(self.unknown), 3)])

    def of(self, run: str) -> tuple[str, str, str]:
        return self.outlet, self.till, run

    def missing(self) -> set[tuple[str, int, int]]:
        """By the ledger."""
        with psycopg.connect(self.shop.postgres) as connection:
            connection.execute("SET search_path TO gen_1")
            found = _from_runs(connection)[self.outlet]
        return {(hole.run, hole.first, hole.last) for hole in found.missing}

    def give_up(self, run: str, first: int, last: int) -> None:
        """By command, and by what the workers do with that."""
        order = GapGivenUp(*self.of(run), first, last, "проба", datetime.now(UTC))
        with psycopg.connect(self.shop.postgres) as connection:
            orders.send(connection, order)
        engine = Engine(self.shop.postgres)
        key, found = self.outlet.encode(), headers(kind="gap.given_up", outlet=self.outlet)
        engine.apply([LogRecord(0, engine.start_offsets([0])[0], key, encode(order), found, datetime.now(UTC))])
        engine.close()


@pytest.fixture
async def losing(visitor: Visitor) -> Losing:
    return Losing(*await office(visitor))


async def test_the_owner_reads_what_was_lost_until_it_comes_or_is_given_up(visitor: Visitor, losing: Losing) -> None:
    """Nothing later shows the hole: the numbers stand on the outlet's page all the same, and nothing claims that all is
    here, in the list of outlets and the report either."""
    page = f"/outlets/{losing.outlet}/ledger"
    said = (await visitor.get(page)).text
    assert "Не хватает 6 событий" in said
    assert "Из них 6 сервис уже принял и потерял" in said
    assert "события 3–5" in said
    assert "события 1–3" in said
    for path in (page, "/", f"/report?outlet={losing.outlet}&range=all"):
        answer = (await visitor.get(path)).text
        assert "на месте</p>" not in answer
        assert "все чеки на месте" not in answer
    losing.shop.send(*sales(3, 4, 5), outlet=losing.outlet, run=losing.run, first_seq=3)
    said = (await visitor.get(page)).text
    assert "Не хватает 3 событий" in said
    assert "события 3–5" not in said
    losing.give_up(losing.unknown, 1, 3)
    assert "Не хватает" not in (await visitor.get(page)).text


async def test_the_ledger_names_it_and_lets_it_be_given_up(losing: Losing) -> None:
    """Numbers that were lost can be given up, a run of which nothing came included; beyond them nothing can."""
    assert losing.missing() == {(losing.run, 3, 5), (losing.unknown, 1, 3)}
    with pytest.raises(Refused):
        losing.give_up(losing.unknown, 1, 4)
    losing.give_up(losing.unknown, 1, 3)
    losing.give_up(losing.run, 3, 4)
    assert losing.missing() == {(losing.run, 5, 5)}
    losing.shop.send(*sales(5), outlet=losing.outlet, run=losing.run, first_seq=5)
    assert losing.missing() == set()


async def test_owners_programs_are_told_of_what_was_lost(
    client: httpx.AsyncClient, postgres: str, visitor: Visitor
) -> None:
    """`/completeness` names till, run and numbers, and is not `complete`."""
    shop = Shop(postgres)
    losing = Losing(shop.outlet, shop)
    answer = await client.get(
        f"/api/v1/outlets/{shop.outlet}/completeness", headers={"Authorization": f"Bearer {shop.token}"}
    )
    state: dict[str, Any] = answer.json()
    assert not state["complete"]
    assert {(hole["run"], hole["from"], hole["to"]) for hole in state["missing"]} == losing.missing()
    assert {hole["till_id"] for hole in state["missing"]} == {losing.till}


async def test_another_account_reads_nothing_of_it(visitor: Visitor, losing: Losing, postgres: str) -> None:
    """What was acknowledged is a row like any other: the portal's role sees its own account's."""
    other = Shop(postgres, "other@example.com", ["Чужая"])
    with psycopg.connect(postgres) as connection:
        connection.execute("SET LOCAL ROLE weboffice_portal")
        connection.execute("SELECT set_config('weboffice.account', %s, true)", (str(other.account_id),))
        assert connection.execute("SELECT count(*) FROM app.acknowledged").fetchone() == (0,)
