"""The partition of a key."""

from __future__ import annotations

from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from schemas.log import partition_of


@given(st.binary(max_size=40), st.integers(1, 40))
def test_partitions_are_those_of_the_default_partitioner(key: bytes, count: int) -> None:
    """A key has the partition that Kafka's own producers give it, whatever its length."""
    partitions = list(range(count))
    assert partition_of(key, count) == DefaultPartitioner()(key, partitions, partitions)
