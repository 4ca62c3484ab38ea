"""An engine on a real PostgreSQL beside the models of the outlets that it should agree with."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import psycopg

from projections.apply.engine import Engine
from projections.apply.outcome import Applied
from projections.models import PROJECTIONS
from schemas.log import LogRecord
from schemas.records import Unreadable, UploadRecord
from tests.logins import as_role
from tests.projections.log import Log
from tests.projections.model import OutletModel
from tests.projections.recounts import recount
from tests.projections.tables import Tables, said
from tests.schemas.strategies import RunHistory, event_of


class World:
    """An engine on a database, and the models of the outlets that it should agree with."""

    def __init__(self, postgres: str) -> None:
        self.engine = Engine(as_role(postgres, "worker"))
        self.connection = psycopg.connect(postgres, autocommit=True)
        self.tables = Tables(self.connection)
        self.begin()

    def close(self) -> None:
        self.engine.close()
        self.connection.close()

    def begin(self) -> None:
        self.tables.empty()
        self.log = Log()
        self.models: dict[str, OutletModel] = {}
        self.applied = Applied()

    def append(self, upload: UploadRecord, value: bytes | None = None) -> None:
        """Appends an upload to the log and tells the model; `value` stands for its bytes where they can't be read."""
        self.log.append(upload, value)
        self.model(upload.outlet, upload.zone).read(upload, readable=value is None)

    def append_stub(self, upload: UploadRecord) -> None:
        """Appends what `anonymise` writes in the place of an upload it can't read, and tells the model."""
        count = len(upload.events)
        self.log.append(Unreadable(upload.outlet, upload.till, upload.run, upload.first_seq, count, 0, "no JSON"))
        self.model(upload.outlet, upload.zone).read(upload, stub=True)

    def model(self, outlet: str, zone: str = "UTC") -> OutletModel:
        return self.models.setdefault(outlet, OutletModel(zone))

    def apply(self, cuts: Sequence[int] = ()) -> None:
        """Applies the log in batches that end at the positions `cuts`."""
        for batch in batches(self.log.records, cuts):
            self.applied.add(self.engine.apply(batch))

    def agree(self) -> None:
        """Every row of every projection, and the ledger, equal the models'."""
        for outlet, model in self.models.items():
            for projection in PROJECTIONS:
                counted = said(recount(projection.name)(model))
                assert self.tables.read(projection, outlet) == counted, f"{projection.name} of {outlet}"
            self._ledger_agrees(outlet, model)

    def _ledger_agrees(self, outlet: str, model: OutletModel) -> None:
        ledger = self.tables.ledger(outlet)
        for counts in ledger.values():
            held = counts["waiting"] + counts["quarantined"]
            assert counts["read"] == counts["applied"] + counts["duplicate"] + counts["discarded"] + held
        assert ledger == {
            key: {
                "through": run.through,
                "read": run.read,
                "applied": run.applied,
                "duplicate": run.duplicate,
                "waiting": run.waiting,
                "quarantined": len(run.held_by_quarantine),
                "discarded": run.discarded,
            }
            for key, run in model.runs.items()
        }
        stubs = {key: sorted(run.held_by_stub) for key, run in model.runs.items() if run.held_by_stub}
        assert self.tables.stubs(outlet) == stubs


def batches(records: Sequence[LogRecord], cuts: Sequence[int]) -> list[Sequence[LogRecord]]:
    """The records cut at the positions given."""
    marks = sorted({cut for cut in cuts if 0 < cut < len(records)})
    return [records[first:last] for first, last in zip([0, *marks], [*marks, len(records)], strict=True)]


def sales(events: int, seed: int = 1) -> RunHistory:
    """A run of sales of 1.00 each, with the ids 00…`seed`, `seed` + 1, `seed` + 2."""
    sales = [
        event_of(
            {
                "type": "sale.registered",
                "at": f"2024-03-30T10:{number:02}:00+03:00",
                "sale_id": f"s{number}",
                "number": str(number),
                "lines": [{"good_id": "g", "name": "Чай", "quantity": "1", "price": "1.00"}],
                "payments": [{"method": "cash", "amount": "1.00"}],
            }
        )
        for number in range(events)
    ]
    return RunHistory(uuid(seed), uuid(seed + 1), uuid(seed + 2), "Europe/Moscow", sales)


def uuid(number: int) -> str:
    return str(UUID(int=number))
