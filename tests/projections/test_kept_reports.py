"""Reports 'as the log stood then', and which later uploads changed a day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import msgspec
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from ops.provisioning import provision
from projections.generations import register
from projections.replay import switching
from projections.replay.rebuild import Wish, rebuild
from schemas.errors import UsageError
from schemas.events import SaleRegistered
from tests.projections.kafkalog import KafkaLog
from tests.projections.quiet import Quiet
from tests.projections.shops import OPENED, Shop

Database = Connection[TupleRow]
MONDAY = date(2026, 3, 2)


def log_time(database: Database) -> datetime:
    """The append time of the last record applied."""
    row = database.execute("SELECT max(log_time) FROM gen_1.positions").fetchone()
    assert row is not None
    found: datetime = row[0]
    return found


def monday(database: Database, schema: str) -> tuple[int, Decimal]:
    """Sales and revenue of the Monday."""
    with database.transaction():
        database.execute("SELECT set_config('search_path', %s, true)", (schema,))
        row = database.execute("SELECT sales, revenue FROM daily WHERE day = %s", (MONDAY,)).fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_report_is_kept_as_the_log_stood_and_later_changes_are_known(log: KafkaLog, database: Database) -> None:
    """What did Monday's report say on Tuesday, and which late batch changed it: a new sale, and one sent anew."""
    account = provision(log.source.postgres, "owner@example.com", ["Чайная"])
    shop = Shop(1, known_as=account["outlets"][0]["outlet_id"])
    log.append(shop.uploads(30))
    log.apply()
    then = monday(database, "gen_1")
    moment = log_time(database)
    sale = next(event for event in shop.events(30) if isinstance(event, SaleRegistered))
    late = msgspec.structs.replace(sale, sale_id="late", at=OPENED)
    anew = msgspec.structs.replace(sale, payments=[], lines=[*sale.lines, *sale.lines])
    log.append([shop.upload(len(list(shop.events(30))) + 1, [late, anew])])
    log.apply()
    outcome = rebuild(log.source, Wish(until=moment, name="tuesday"), Quiet())
    assert outcome.state == "named"
    assert register.live(database).number == 1
    assert monday(database, "gen_2") == then
    now = monday(database, "gen_1")
    assert now[0] == then[0] + 1
    changes = later_changes(database, account["account_id"], shop.outlet)
    [(_, till, run, first, last, sales, returns, was, becomes, received, documents, changed)] = changes
    assert received == log_time(database) > moment
    assert (documents, changed) == (2, becomes - was)
    assert (str(till), str(run), first, last) == (shop.till, shop.run, len(list(shop.events(30))) + 1, first + 1)
    assert (sales, returns, becomes - was) == (2, 0, now[1] - then[1])
    stranger = provision(log.source.postgres, "other@example.com", ["Кофейная"])["account_id"]
    assert later_changes(database, stranger, shop.outlet) == []


def later_changes(database: Database, account: str, outlet: str) -> list[TupleRow]:
    """As the portal asks: under its role, bound to an account."""
    with database.transaction():
        database.execute("SET LOCAL ROLE weboffice_portal")
        database.execute("SELECT set_config('weboffice.account', %s, true)", (account,))
        return database.execute("SELECT * FROM app.later_changes(2, %s, %s)", (outlet, MONDAY)).fetchall()


def test_a_name_is_taken_once(log: KafkaLog, database: Database) -> None:
    """A report that is kept is not overwritten."""
    log.append(Shop(1).uploads(5))
    log.apply()
    wish = Wish(until=log_time(database), name="tuesday")
    rebuild(log.source, wish, Quiet())
    with pytest.raises(UsageError, match="kept under the name"):
        rebuild(log.source, wish, Quiet())


def test_a_kept_report_can_t_go_live(log: KafkaLog, database: Database) -> None:
    """It stands still; the live one moves on."""
    log.append(Shop(1).uploads(5))
    log.apply()
    rebuild(log.source, Wish(until=log_time(database), name="tuesday"), Quiet())
    with pytest.raises(UsageError, match="named"):
        switching.switch(log.source, 2, Quiet())
