"""What the tests of the engine share."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.replay.replay import Source
from schemas.topics import Topics
from tests.projections.kafkalog import KafkaLog
from tests.projections.world import World


@pytest.fixture
def world(postgres: str) -> Iterator[World]:
    """A fresh database with an engine on it."""
    world = World(postgres)
    yield world
    world.close()


@pytest.fixture
def source(kafka: str, postgres: str, topics: Topics) -> Source:
    """Where the code under test replays from and to."""
    return Source(kafka, topics.events, postgres)


@pytest.fixture
def log(source: Source) -> KafkaLog:
    """The topic `events`, empty."""
    return KafkaLog(source)


@pytest.fixture
def database(postgres: str) -> Iterator[Connection[TupleRow]]:
    """A connection to the test's database, in autocommit."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        yield connection
