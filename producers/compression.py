"""LZ4 at the level it is made for. aiokafka packs as hard as LZ4 can, which takes an upload of 100 events ten times as
long for 8 % fewer bytes: two fifths of all that the gateway did. It has no setting for the level."""

from __future__ import annotations

import sys

from aiokafka import codec
from aiokafka.record.default_records import DefaultRecordBatchBuilder

_LEVEL = 1


def pack_quickly() -> None:
    """From here on this process packs what it writes to Kafka quickly; what is kept for ever is written by others."""
    # Where the batches are made: aiokafka's compiled module, or the one in Python where there is none.
    vars(sys.modules[DefaultRecordBatchBuilder.__module__])["lz4_encode"] = _lz4_encode


def _lz4_encode(payload: bytes) -> bytes:
    packed: bytes = codec.lz4_encode(payload, level=_LEVEL)
    return packed
