"""Batches for Kafka are packed quickly, and everybody reads them."""

from __future__ import annotations

import sys

import pytest
from aiokafka import codec
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from producers.compression import pack_quickly

_LZ4 = 3
VALUE = b",".join(b'{"good":"g%d","price":"%d.50"}' % (number % 40, number * 7 % 900) for number in range(2000))


def batch() -> bytes:
    builder = BatchBuilder(1024 * 1024, _LZ4)
    builder.append(timestamp=None, key=b"outlet", value=VALUE, headers=[("count", b"1")])
    return bytes(builder._build())


def test_a_batch_is_packed_at_the_quick_level_and_read_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka has no setting for the level, so the function that makes its batches is looked for where it looks."""
    module = sys.modules[DefaultRecordBatchBuilder.__module__]
    monkeypatch.setattr(module, "lz4_encode", codec.lz4_encode)  # whatever an earlier test has set
    hard = batch()
    pack_quickly()
    quick = batch()
    assert len(hard) < len(quick) < len(VALUE) // 2, "another level, and packed all the same"
    assert codec.lz4_encode(VALUE) != codec.lz4_encode(VALUE, level=1)
    [record] = MemoryRecords(quick).next_batch()
    assert (record.key, record.value, list(record.headers)) == (b"outlet", VALUE, [("count", b"1")])
