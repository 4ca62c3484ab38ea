"""What a figure is made of, with the places in the log."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.proof.why import FIGURES, explain
from projections.replay.reader import LogReader
from schemas.errors import UsageError
from schemas.events import SaleRegistered
from schemas.records import UploadRecord, decode
from tests.projections.kafkalog import KafkaLog
from tests.projections.shops import Shop

Database = Connection[TupleRow]
SHOP = Shop(1)
MONDAY = date(2026, 3, 2)


def test_every_figure_of_a_day_is_the_sum_of_its_events(log: KafkaLog) -> None:
    """Revenue, its parts, counts and payment methods: the sum of the events is the figure that the report shows."""
    log.append([*SHOP.uploads(40), *Shop(2).uploads(40)])
    log.apply()
    found = {figure: asyncio.run(explain(log.source, SHOP.outlet, MONDAY, figure)) for figure in FIGURES}
    assert all(explanation.holds for explanation in found.values())
    assert found["revenue"].figure == found["cash"].figure + found["card"].figure != 0
    assert found["sales"].figure == len(found["sales"].parts)
    assert found["sbp"].parts == []


def test_each_part_stands_in_the_log_where_it_says(log: KafkaLog) -> None:
    """The record at the partition and offset holds the event under that number of that run."""
    log.append(SHOP.uploads(40))
    log.apply()
    explanation = asyncio.run(explain(log.source, SHOP.outlet, MONDAY, "sales"))
    records = asyncio.run(_records(log))
    for part in explanation.parts:
        upload = records[part.partition, part.offset]
        event = upload.events[part.seq - upload.first_seq]
        assert isinstance(event, SaleRegistered)
        assert (event.sale_id, upload.run) == (part.id, part.run)


async def _records(log: KafkaLog) -> dict[tuple[int, int], UploadRecord]:
    found = {}
    async with LogReader(log.source.kafka, log.source.topic) as reader:
        ends = await reader.ends()
        async for batches in reader.read({partition: (0, end) for partition, end in ends.items()}):
            for records in batches.values():
                for record in records:
                    upload = decode(record.value)
                    assert isinstance(upload, UploadRecord)
                    found[record.partition, record.offset] = upload
    return found


def test_a_figure_that_was_altered_by_hand_does_not_hold(log: KafkaLog, database: Database) -> None:
    """The sum and what the report shows are both told."""
    log.append(SHOP.uploads(10))
    log.apply()
    database.execute("UPDATE gen_1.daily SET revenue = revenue + 5 WHERE day = %s", (MONDAY,))
    explanation = asyncio.run(explain(log.source, SHOP.outlet, MONDAY, "revenue"))
    assert not explanation.holds
    assert explanation.figure == explanation.total + Decimal(5)


def test_an_unknown_figure_is_refused(log: KafkaLog) -> None:
    """The known ones are listed."""
    with pytest.raises(UsageError, match="revenue"):
        asyncio.run(explain(log.source, SHOP.outlet, MONDAY, "profit"))
