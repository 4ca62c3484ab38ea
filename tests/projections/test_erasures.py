"""A contact that is forgotten stays so, whatever is replayed or sent again."""

from __future__ import annotations

from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from projections.proof.verify import verify
from projections.replay.rebuild import Wish, rebuild
from schemas.records import ContactForgotten
from tests.projections.kafkalog import KafkaLog
from tests.projections.quiet import Quiet
from tests.projections.shops import Shop
from tests.projections.test_kept_reports import log_time

Database = Connection[TupleRow]
SHOP = Shop(1)
FORGOTTEN = ContactForgotten(SHOP.outlet, "c1", datetime(2026, 3, 9, tzinfo=UTC))


def names(database: Database, schema: str) -> dict[str, str]:
    with database.transaction():
        database.execute("SELECT set_config('search_path', %s, true)", (schema,))
        return dict(database.execute("SELECT contact_id, name FROM contacts").fetchall())


def test_a_forgotten_name_leaves_every_generation_and_no_replay_brings_it_back(
    log: KafkaLog, database: Database
) -> None:
    """Live, old and named generations lose the name.

    A rebuild, a report 'as of' a time before, and a till that sends the contact again bring back figures, not the name.
    """
    log.append(SHOP.uploads(5))
    log.apply()
    before = log_time(database)
    rebuild(log.source, Wish(until=before, name="before"), Quiet())  # 2
    rebuild(log.source, Wish(), Quiet())  # 3, and 1 becomes the old one
    assert all(names(database, schema)["c1"] for schema in ("gen_1", "gen_2", "gen_3"))
    log.append([FORGOTTEN])
    log.apply()
    for schema in ("gen_1", "gen_2", "gen_3"):
        assert names(database, schema)["c1"] == ""
        assert names(database, schema)["c2"] != ""
    log.append([SHOP.upload(len(list(SHOP.events(5))) + 1, list(SHOP.events(0)))])
    log.apply()
    rebuild(log.source, Wish(until=before, name="before, made later"), Quiet())  # 4
    assert rebuild(log.source, Wish(), Quiet()).comparison.same  # 5
    for schema in ("gen_3", "gen_4", "gen_5"):
        assert names(database, schema)["c1"] == ""
    row = database.execute("SELECT purchases_total FROM gen_5.contacts WHERE contact_id = 'c1'").fetchone()
    assert row == (10,)
    assert verify(log.source, Quiet()).same
