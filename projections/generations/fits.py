"""Whether a generation's rows still have their log: asked before anything is folded again or compared.

Without this, a log that lost its end makes the live rows look damaged, and their "repair" would delete the only copy.
"""

from __future__ import annotations

import asyncio

from aiokafka.errors import KafkaError
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import register
from projections.generations.register import Generation
from projections.logs.applied import mark_of
from projections.logs.examine import Examined, examine
from schemas.errors import InfrastructureUnreachable, WebOfficeError


class LogLost(WebOfficeError):
    """The log no longer holds what the rows were made from: it is the log that is not whole, not the rows."""


def examined(kafka: str, topic: str, connection: Connection[TupleRow], generation: Generation) -> Examined:
    """A generation's positions against the topic `events` as it is now."""
    positions = register.log_positions(connection, generation)
    try:
        return asyncio.run(examine(kafka, topic, positions, mark_of))
    except (KafkaError, OSError, TimeoutError) as exc:
        raise InfrastructureUnreachable(f"Kafka at {kafka} gives no topic {topic}: {exc!r}") from exc


def check(kafka: str, topic: str, connection: Connection[TupleRow], generation: Generation) -> None:
    """Raises `LogLost` where the generation's positions do not fit the log."""
    found = examined(kafka, topic, connection, generation)
    if found.faults:
        first = found.faults[min(found.faults)]
        more = f" (and {len(found.faults) - 1} more partitions)" if len(found.faults) > 1 else ""
        raise LogLost(
            f"the log is not the one that the rows of generation {generation.number} were made from: {first}{more};"
            " the rows are not damaged. `weboffice log show` says what is lost and what goes on"
        )
