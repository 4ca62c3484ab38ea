"""The topics of the log have the settings they were given."""

from __future__ import annotations

import msgspec
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from click.testing import CliRunner

from ops import topics as topic_set_up
from ops.commands.migrate import migrate
from ops.settings import Settings
from schemas import brokers
from schemas.topics import Topics


async def test_events_are_kept_for_ever(kafka: str, topics: Topics) -> None:
    """`events` has no end of retention, is never compacted and carries the time of appending."""
    admin = AIOKafkaAdminClient(**brokers.options(kafka))
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
    assert await topic_set_up.ensure(kafka, service_settings) == []


def test_migrate_says_which_topics_it_made(service_settings: Settings, topics: Topics) -> None:
    """An operator who lost one reads that it is another one now, not that everything was up to date."""
    others = msgspec.structs.replace(service_settings, topics=Topics(f"{topics.prefix}again-"))
    told = [CliRunner().invoke(migrate, [], obj=others, catch_exceptions=False).stdout for _ in range(2)]
    made = [f"made the topic {name}" for name in sorted([others.topics.events, others.topics.uploads])]
    assert set(made) <= set(told[0].splitlines())
    assert told[1] == "everything is up to date\n"
