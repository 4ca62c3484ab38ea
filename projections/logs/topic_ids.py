"""Which topic stands behind a name: its id (KIP-516), which Kafka gives at its making and never again.

aiokafka knows Metadata up to version 5; ids came with version 10. So the request is ours, and aiokafka's client carries
it: connections, encryption and passwords are its work, as everywhere.

A worker asks for each batch, and the answer is nearly always the one before: what is the same, byte for byte, is
written and read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from io import BytesIO
from typing import Self
from uuid import UUID

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)
from msgspec import Struct


class Topic(Struct, frozen=True):
    """A topic as a broker knows it: its id, and the leader epoch of each partition."""

    topic_id: str
    leader_epochs: dict[int, int]


class _Uuid(AbstractType[str]):  # type: ignore[misc]
    @classmethod
    def encode(cls, value: str) -> bytes:
        return UUID(value).bytes

    @classmethod
    def decode(cls, data: object) -> str:
        return str(UUID(bytes=data.read(16)))  # type: ignore[attr-defined]


_NAME, _NUMBERS = CompactString("utf-8"), CompactArray(Int32)
_PARTITION = (
    ("error_code", Int16),
    ("partition", Int32),
    ("leader", Int32),
    ("leader_epoch", Int32),
    ("replicas", _NUMBERS),
    ("isr", _NUMBERS),
    ("offline", _NUMBERS),
    ("tags", TaggedFields),
)
_TOPIC = (
    ("error_code", Int16),
    ("name", _NAME),
    ("topic_id", _Uuid),
    ("is_internal", Boolean),
    ("partitions", CompactArray(*_PARTITION)),
    ("authorized_operations", Int32),
    ("tags", TaggedFields),
)
_BROKER = (("node_id", Int32), ("host", _NAME), ("port", Int32), ("rack", _NAME), ("tags", TaggedFields))


class _Metadata12Response(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", CompactArray(*_BROKER)),
        ("cluster_id", _NAME),
        ("controller_id", Int32),
        ("topics", CompactArray(*_TOPIC)),
        ("tags", TaggedFields),
    )

    @classmethod
    def decode(cls, data: BytesIO | bytes) -> Self:
        return cls._read(data if isinstance(data, bytes) else data.read())

    @classmethod
    @lru_cache(maxsize=16)
    def _read(cls, content: bytes) -> Self:
        return super().decode(content)  # type: ignore[no-any-return]

    @cached_property
    def by_name(self) -> dict[str, Topic]:
        return {
            name: Topic(topic_id, {number: epoch for _, number, _, epoch, *_ in partitions})
            for error, name, topic_id, _, partitions, *_ in self.topics
            if not error
        }


class _Metadata12(RequestStruct):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 12
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _Metadata12Response
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", _NAME), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )

    def encode(self) -> bytes:
        return self._content

    @cached_property
    def _content(self) -> bytes:
        return super().encode()  # type: ignore[no-any-return]


class _TopicsByName(Request[_Metadata12]):  # type: ignore[misc]
    API_KEY = 3

    def __init__(self, names: Iterable[str]) -> None:
        topics: list[tuple[str, str, dict[int, bytes]]] = [(str(UUID(int=0)), name, {}) for name in names]
        self._request = _Metadata12(topics, False, False, {})

    def build(self, request_struct_class: type[_Metadata12]) -> _Metadata12:
        return self._request


_topics_by_name = lru_cache(maxsize=16)(_TopicsByName)


async def ask(client: AIOKafkaClient, names: Iterable[str], node: int | None = None) -> Mapping[str, Topic]:
    """The topics that are there, by name, as a broker that `client` is connected to knows them.

    Raises aiokafka's `KafkaError` where none answers.
    """
    answer = await client.send(client.get_random_node() if node is None else node, _topics_by_name(tuple(names)))
    by_name: Mapping[str, Topic] = answer.by_name
    return by_name
