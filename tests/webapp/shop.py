"""An account with outlets and tills whose events are folded into the read models, without Kafka in between."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg

from ops.provisioning import provision
from projections.apply.engine import Engine
from schemas.events import Event
from schemas.log import LogRecord
from schemas.names import shorten
from schemas.private import without_private_fields
from schemas.records import UploadRecord, encode, headers
from tests.logins import as_role

ONLINE_RETAIL = Path(__file__).parents[1] / "data" / "online-retail"


RECEIVED = datetime(2026, 11, 24, tzinfo=UTC)


class Shop:
    """An account `email` with the outlets named; `send` is a till's upload, applied at once."""

    _offsets: dict[str, int] = {}

    def __init__(self, postgres: str, email: str = "owner@example.com", outlets: Iterable[str] = ("Чайная",)) -> None:
        self.postgres = postgres
        made = provision(postgres, email, list(outlets))
        self.account_id = UUID(made["account_id"])
        self.token: str = made["owner_token"]
        self.outlets: dict[str, str] = {outlet["name"]: outlet["outlet_id"] for outlet in made["outlets"]}
        self._till: dict[str, str] = {}

    @property
    def outlet(self) -> str:
        """The id of the first outlet."""
        return next(iter(self.outlets.values()))

    def till(self, outlet: str) -> str:
        """The id of the outlet's first till."""
        if outlet not in self._till:
            with psycopg.connect(self.postgres) as connection:
                row = connection.execute("SELECT till_id FROM app.tills WHERE outlet_id = %s", (outlet,)).fetchone()
            assert row is not None
            self._till[outlet] = str(row[0])
        return self._till[outlet]

    def send(
        self,
        *events: dict[str, Any],
        outlet: str | None = None,
        till: str | None = None,
        run: str | None = None,
        first_seq: int = 1,
        imported: bool = False,
        received: datetime = RECEIVED,
        zone: str = "Europe/Moscow",
        day_begins: int = 0,
    ) -> None:
        """Applies events in wire form as one upload each 500; a new run unless one is given."""
        outlet = outlet or self.outlet
        till, run = till or self.till(outlet), run or str(uuid4())
        folded = [msgspec.convert(_anonymised(event), Event) for event in events]
        engine = Engine(as_role(self.postgres, "worker"))
        offset = engine.start_offsets([0])[0]
        records = []
        for start in range(0, len(folded), 500):
            cut = folded[start : start + 500]
            seq = first_seq + start
            record = UploadRecord(outlet, till, run, seq, zone, received, cut, imported=imported, day_begins=day_begins)
            said = headers(kind="upload", outlet=outlet, till=till, run=run, first_seq=seq, count=len(cut))
            records.append(LogRecord(0, offset, outlet.encode(), encode(record), said, received))
            offset += 1
        engine.apply(records)
        engine.close()

    def sql(self, statement: str, *parameters: Any) -> list[Any]:
        """The rows of a statement on the live generation, as the owner of the tables."""
        with psycopg.connect(self.postgres) as connection:
            connection.execute(
                "SELECT set_config('search_path', schema_name, false) FROM app.generations WHERE state = 'live'"
            )
            return connection.execute(statement, parameters).fetchall()

    def change(self, statement: str, *parameters: Any) -> None:
        """Runs a statement on the accounts' tables."""
        with psycopg.connect(self.postgres) as connection:
            connection.execute(statement, parameters)


def _anonymised(event: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = without_private_fields(event)
    return {**kept, "name": shorten(kept["name"])} if kept["type"] == "contact.saved" else kept


def real_events(file: str) -> Iterator[dict[str, Any]]:
    """The events of a file of the Online Retail data."""
    with gzip.open(ONLINE_RETAIL / file, "rt") as lines:
        for line in lines:
            yield json.loads(line)


def expected() -> dict[str, Any]:
    """The independent recount of the Online Retail data, by file."""
    found: dict[str, Any] = json.loads((ONLINE_RETAIL / "expected.json").read_text())
    return found


def sale(sale_id: str, at: str, *lines: tuple[str, str, str], **fields: Any) -> dict[str, Any]:
    """A `sale.registered` of (good, quantity, price) lines, paid in cash unless `payments` says otherwise."""
    total = sum(round(float(quantity) * float(price), 2) for _, quantity, price in lines)
    return {
        "type": "sale.registered",
        "at": at,
        "sale_id": sale_id,
        "number": fields.pop("number", sale_id),
        "lines": [
            {"good_id": good, "name": f"Товар {good}", "quantity": quantity, "price": price}
            for good, quantity, price in lines
        ],
        "payments": [{"method": "cash", "amount": f"{total:.2f}"}],
        **fields,
    }


def good(good_id: str, name: str, category: str = "Чай", **fields: Any) -> dict[str, Any]:
    """A `good.saved`."""
    saved = {"good_id": good_id, "name": name, "category": category, "max_price": "10.00"}
    return {"type": "good.saved", "at": "2026-11-01T10:00:00+03:00", **saved, **fields}


def counted(good_id: str, quantity: str, warehouse: str = "main") -> dict[str, Any]:
    """A `stock.counted`."""
    shelf = {"good_id": good_id, "warehouse_id": warehouse, "quantity": quantity}
    return {"type": "stock.counted", "at": "2026-11-01T10:00:00+03:00", **shelf}
