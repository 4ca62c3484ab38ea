"""The application whose log is projected: one domain event per event of a till, in the order of the topic.

A transcoder by msgspec takes the place of the library's own JSON, as its documentation suggests for speed.
"""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Transcoder


class TillEvent(DomainEvent):
    """`originator_id` is the till's run, `originator_version` the event's number in it."""

    originator_id: UUID
    outlet: str
    till: str
    zone: str
    event: dict[str, Any]


class Json(Transcoder):
    def __init__(self) -> None:
        super().__init__()
        self.encode = msgspec.json.Encoder().encode
        self.decode = msgspec.json.Decoder().decode

    def encode(self, obj: Any) -> bytes:
        raise NotImplementedError  # replaced above

    def decode(self, data: bytes) -> Any:
        raise NotImplementedError


class Tills(Application[UUID]):
    def construct_transcoder(self) -> Transcoder:
        return Json()


def environment() -> dict[str, str]:
    """What the library reads its settings from."""
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_HOST": "127.0.0.1",
        "POSTGRES_PORT": os.environ["BENCH_POSTGRES_PORT"],
        "POSTGRES_DBNAME": os.environ["BENCH_DATABASE"],
        "POSTGRES_USER": "weboffice",
        "POSTGRES_PASSWORD": "none",
        "POSTGRES_ENABLE_DB_FUNCTIONS": "y",
    }
