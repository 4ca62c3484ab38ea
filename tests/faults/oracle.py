"""What must hold after every run, checked from outside the code that made it so.

The log is read record by record and compared with what tills sent and were answered; an independent model folds it
again and is compared with the tables, row by row; then the service's own proofs are asked; then every account
looks around.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import psycopg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from projections.generations import register
from schemas import brokers, records
from schemas.errors import RecordUnreadable
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    LogAdopted,
    OutletRemoved,
    Unreadable,
    UploadRecord,
    origin,
)
from tests.faults.receipts import PLANTED
from tests.faults.system import ZONE, System
from tests.faults.tills import Run
from tests.projections.model import OutletModel
from tests.projections.tables import Tables
from tests.projections.world import World
from tests.service import wait_until

CHECKED = [
    "each acknowledged event stands in the log with the content that was acknowledged, none that was never sent does",
    "read models and ledger equal an independent model's fold of the log: each event once, in its turn",
    "`verify`, `ledger`, `rebuild` and `privacy-scan` find nothing",
    "no account sees a row of another, through the read API or as the portal's role",
    "no log file holds a name, an e-mail or a phone number",
]


Numbers = dict[tuple[str, str, str], set[int]]
"""(outlet, till, run) → numbers"""


class Account:
    """An owner's account and its outlets' ids."""

    def __init__(self, provisioned: dict[str, Any]) -> None:
        self.id: str = provisioned["account_id"]
        self.token: str = provisioned["owner_token"]
        self.outlets = [outlet["outlet_id"] for outlet in provisioned["outlets"]]


class Oracle(World):
    """Reads on in the log at each check; the models of the outlets grow with it."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._read_through: dict[int, int] = {}
        self._first: dict[tuple[str, int], object] = {}  # (run, number) → the content read first
        self._scanned: Counter[str] = Counter()
        self._runs: dict[str, Run] = {}
        self.models: dict[str, OutletModel] = {}
        self.records = self.events = 0

    def check(self, runs: list[Run], accounts: list[Account], removed: set[str], proofs: bool) -> None:
        """Raises `AssertionError` where something does not hold."""
        self._read_log({run.id: run for run in runs})
        self._acknowledged_is_there(runs)
        with psycopg.connect(self._system.postgres, autocommit=True) as self.connection:
            self.tables = Tables(self.connection)
            live = register.live(self.connection)
            self.connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(live.schema_name)))
            self.agree()
            self._tenants_are_apart(self.connection, live.schema_name, accounts)
        if proofs:
            self._service_proves_itself()
        self._owners_see_their_own(accounts, removed)
        self._logs_hold_no_names()

    # --- a log that is another one than before ---

    def held(self, runs: list[Run]) -> Numbers:
        """The numbers that the read models have of each run, by what was read in the log so far."""
        self._read_log({run.id: run for run in runs})
        self._runs = {run.id: run for run in runs}
        return {
            (outlet, till, run): (set(of.content) | of.held_by_quarantine) - of.gone
            for outlet, model in self.models.items()
            for (till, run), of in model.runs.items()
        }

    def passed_over(self) -> Numbers:
        """The numbers that were given up before they came: nothing is kept of them, and nobody is owed them."""
        return {
            (outlet, till, run): set(of.gone)
            for outlet, model in self.models.items()
            for (till, run), of in model.runs.items()
        }

    def begin_again(self) -> None:
        """The log is another one: it is read from its beginning. Names that were erased stay erased."""
        self._read_through, self._first = {}, {}
        forgotten = {outlet: (model.zone.key, model.forgotten) for outlet, model in self.models.items()}
        self.models = {}
        for outlet, (zone, contacts) in forgotten.items():
            self.model(outlet, zone).forgotten |= contacts

    def not_in_log(self, held: Numbers) -> Numbers:
        """Which of the numbers the log does not have as it is now."""
        self._read_log(self._runs)
        here: Numbers = {}
        for outlet, model in self.models.items():
            for (till, run), of in model.runs.items():
                here[outlet, till, run] = set(of.content) | of.held_by_quarantine
        return {of: numbers - here.get(of, set()) for of, numbers in held.items()}

    def not_given_up(self, lost: Numbers, runs: list[Run]) -> Numbers:
        """Those that nobody gave up: the order may have stayed in a log that lost what came after it."""
        self._read_log({run.id: run for run in runs})
        found = {}
        for (outlet, till, run), numbers in lost.items():
            model = self.model(outlet, ZONE).runs.get((till, run))  # there is none where all of a run is lost
            found[outlet, till, run] = numbers - model.given_up - model.gone if model else numbers
        return found

    # --- the log ---

    def _read_log(self, runs: dict[str, Run]) -> None:
        found = asyncio.run(_read_on(self._system, self._read_through))
        for record in found:
            self.records += 1
            self._read_through[record.partition] = record.offset + 1
            self._take(record, runs)

    def _take(self, record: ConsumerRecord, runs: dict[str, Run]) -> None:
        try:
            content = records.decode(record.value)
        except RecordUnreadable:
            content = None
        said = origin(record.headers, record.key)
        match content:
            case UploadRecord() as upload:
                self.events += len(upload.events)
                self._was_sent(upload, runs[upload.run])
                self.model(upload.outlet, upload.zone).read(upload)
            case None | Unreadable() if said.run:
                model = self.model(said.outlet, ZONE)
                run = model.run(said.till, said.run)
                if model.removed:
                    run.read += said.count
                    run.discarded += said.count
                else:
                    for number in range(said.first_seq, said.first_seq + said.count):
                        run.read_number(number, None, stub=content is not None)
            case GapGivenUp() as order:
                self.model(order.outlet, ZONE).give_up(order.till, order.run, order.first_seq, order.last_seq)
            case EventsDiscarded() as order:
                self.model(order.outlet, ZONE).discard(order.till, order.run, order.first_seq, order.last_seq)
            case ContactForgotten() as order:
                self.model(order.outlet, ZONE).forgotten.add(order.contact_id)
            case OutletRemoved() as order:
                self.model(order.outlet, ZONE).remove()
            case LogAdopted():
                pass

    def _was_sent(self, upload: UploadRecord, run: Run) -> None:
        """What stands in the log was sent under that number; and it is the first content, once that was settled."""
        for number, event in enumerate(upload.events, upload.first_seq):
            place = (run.id, number)
            sent = run.events[number - 1]
            ever = [*([sent.kept] if sent else []), *(other.kept for other in run.others.get(number, []))]
            assert event in ever, f"{place} holds what nobody sent: {event}"
            if place not in self._first:
                self._first[place] = event
                assert event in run.may_hold(number), f"{place} was acknowledged with other content"

    def _acknowledged_is_there(self, runs: list[Run]) -> None:
        for run in runs:
            model = self.models.get(run.outlet)
            if not run.acknowledged:
                continue
            assert model is not None, f"nothing of outlet {run.outlet} is in the log"
            lost = {number for number in run.acknowledged if (run.id, number) not in self._first}
            assert not lost, f"run {run.id} lost {sorted(lost)}"

    # --- the service's own proofs ---

    def _service_proves_itself(self) -> None:
        service = self._system.service
        assert service.command("verify")["same"]
        assert all(outlet["holds"] for outlet in service.command("ledger")["outlets"])
        assert service.command("rebuild")["state"] == "live"
        service.command("privacy-scan")

    # --- who sees what ---

    def _owners_see_their_own(self, accounts: list[Account], removed: set[str]) -> None:
        for account in accounts:
            seen = {outlet["outlet_id"] for outlet in self._ask(account, "/api/v1/outlets").json()}
            assert seen <= set(account.outlets)
            assert seen >= set(account.outlets) - removed
            for outlet in sorted(seen):
                self._figures_agree(account, outlet)
            for other in accounts:
                if other is not account:
                    assert self._ask(account, f"/api/v1/outlets/{other.outlets[0]}/daily").status_code == 404

    def _figures_agree(self, account: Account, outlet: str) -> None:
        span = "from=1970-01-01&to=2199-12-31"
        answer = self._ask(account, f"/api/v1/outlets/{outlet}/daily?{span}")
        assert answer.status_code == 200, answer.text
        shown = {row["day"]: (row["sales"], row["revenue"]) for row in answer.json()}
        model = self.models.get(outlet)
        counted = model.daily() if model else {}
        assert {day: sales for day, (sales, _) in shown.items() if sales} == {
            day.isoformat(): figures["sales"] for day, figures in counted.items() if figures["sales"]
        }

    def completeness(self, accounts: list[Account], outlet: str) -> dict[str, Any]:
        """What the owner's program is told of an outlet."""
        [account] = [one for one in accounts if outlet in one.outlets]
        answer: dict[str, Any] = self._ask(account, f"/api/v1/outlets/{outlet}/completeness").json()
        return answer

    def _ask(self, account: Account, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {account.token}"}
        answers: list[httpx.Response] = []

        def answered() -> bool:
            answers.append(httpx.get(f"{self._system.direct}{path}", headers=headers, timeout=30))
            return answers[-1].status_code != 503  # connections of before an outage are found broken once

        wait_until(answered, f"{path} stays unavailable")
        return answers[-1]

    def _tenants_are_apart(self, connection: Connection[TupleRow], schema: str, accounts: list[Account]) -> None:
        """As the portal's role, with an account set, every table with outlets in it shows that account's only."""
        found = connection.execute(
            "SELECT c.table_name::text FROM information_schema.columns c"
            " WHERE c.table_schema = %s AND c.column_name = 'outlet_id'",
            (schema,),
        ).fetchall()
        tables = [name for (name,) in found]
        assert "sales" in tables
        for account in accounts:
            with connection.transaction(force_rollback=True):
                connection.execute("SET LOCAL ROLE weboffice_portal")
                connection.execute("SELECT set_config('weboffice.account', %s, true)", (account.id,))
                for table in tables:
                    self._shows_own_only(connection, schema, table, account)

    def _shows_own_only(self, connection: Connection[TupleRow], schema: str, table: str, account: Account) -> None:
        allowed = connection.execute(
            "SELECT has_table_privilege(%s::text, 'SELECT')", (f'"{schema}"."{table}"',)
        ).fetchone()
        if not allowed or not allowed[0]:
            return  # not for the portal at all
        foreign = connection.execute(
            sql.SQL("SELECT count(*) FROM {}.{} WHERE outlet_id <> ALL(%s::uuid[])").format(
                sql.Identifier(schema), sql.Identifier(table)
            ),
            (account.outlets,),
        ).fetchone()
        assert foreign == (0,), f"{table} shows foreign rows"

    # --- logs ---

    def _logs_hold_no_names(self) -> None:
        for path in self._system.logs():
            with path.open(errors="replace") as log:
                log.seek(self._scanned[str(path)])
                text = log.read()
                self._scanned[str(path)] = log.tell()
            for word in PLANTED:
                assert word not in text, f"{path.name} holds {word!r}"


async def _read_on(system: System, through: dict[int, int]) -> list[ConsumerRecord]:
    """The records of `events` that were not read yet, each partition's in order."""
    consumer = AIOKafkaConsumer(**brokers.options(system.settings.kafka), enable_auto_commit=False)
    try:
        await consumer.start()
        partitions = [TopicPartition(system.settings.topics.events, n) for n in range(system.settings.partitions)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[ConsumerRecord] = []
        for partition in partitions:
            position = through.get(partition.partition, 0)
            consumer.seek(partition, position)
            while position < ends[partition]:
                for record in (await consumer.getmany(partition, timeout_ms=5000)).get(partition, []):
                    if record.offset < ends[partition]:
                        found.append(record)
                    position = record.offset + 1
        return found
    finally:
        await consumer.stop()
