"""The topics of the log have the settings they were given."""

from __future__ import annotations

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from ops import topics as topic_set_up
from ops.settings import Settings
from schemas.topics import Topics


async def test_events_are_kept_for_ever(kafka: str, topics: Topics) -> None:
    """`events` has no end of retention, is never compacted and carries the time of appending."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        [response] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topics.events)])
    finally:
        await admin.close()
    found = {entry[0]: entry[1] for entry in response.resources[0][4]}
    assert found["retention.ms"] == "-1"
    assert found["cleanup.policy"] == "delete"
    assert found["message.timestamp.type"] == "LogAppendTime"


async def test_a_second_time_changes_nothing(kafka: str, topics: Topics, service_settings: Settings) -> None:
    """Making topics that are there is no error."""
    await topic_set_up.ensure(kafka, service_settings)
