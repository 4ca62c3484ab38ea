"""Hands out a group's partitions as Faust does, but never an empty hand for want of knowledge.

A broker that has just come back may name no topics for a moment. Faust's leader then passes over the topic, nobody gets
anything, and the group is settled: no rebalance comes by itself, and nobody works. A soak found it after a kill -9.
"""

from __future__ import annotations

from typing import Any

from faust.assignor.partition_assignor import PartitionAssignor

from schemas.errors import WebOfficeError
from streams.crash import STALLED, crash


class TopicUnknown(WebOfficeError):
    """The leader of the group was not told of the partitions that it is to hand out."""


class KnowingAssignor(PartitionAssignor):
    """Ends the process of a leader that does not know the topic: it starts anew once Kafka names it."""

    def assign(self, cluster: Any, member_metadata: Any) -> Any:
        for topic in {topic for member in member_metadata.values() for topic in member.subscription}:
            if not cluster.partitions_for_topic(topic):
                crash(TopicUnknown(f"{topic} has no partitions that are known"), STALLED)
        return super().assign(cluster, member_metadata)
