"""Kafka: brokers, the topics' settings against those of ops/topics.py, replicas in sync, the clock.

The clock is read by writing a record to a topic of its own that is deleted again: Kafka tells its time in no other way.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import ApiVersionRequest

from ops import topics
from ops.checks import Finding, clock, judged
from ops.settings import Settings
from schemas import brokers
from schemas.log import MAX_RECORD_BYTES

_FETCH = 1
"""Kafka's number of the request Fetch."""


def check(kafka: str, settings: Settings) -> list[Finding]:
    """All findings about Kafka; one alone where it does not answer."""
    try:
        return asyncio.run(_check(kafka, settings))
    except (KafkaError, OSError, TimeoutError) as exc:
        found = f"{brokers.addresses(kafka)} does not answer ({type(exc).__name__})"
        return [Finding("Kafka", found, "start it, or mend WEBOFFICE_KAFKA; its log says why it does not run")]


async def _check(kafka: str, settings: Settings) -> list[Finding]:
    admin = AIOKafkaAdminClient(**brokers.options(kafka), request_timeout_ms=10_000)
    async with asyncio.timeout(60):
        await admin.start()
        try:
            nodes = [broker["node_id"] for broker in (await admin.describe_cluster())["brokers"]]
            findings = [
                judged(
                    "Kafka: brokers",
                    len(nodes) >= settings.replication,
                    f"{len(nodes)} at {brokers.addresses(kafka)}",
                    f"start {settings.replication} brokers, as WEBOFFICE_REPLICATION says, or lower it",
                ),
                await _version(kafka),
                *await _broker(admin, nodes),
                *await _topics(admin, settings),
            ]
            findings.append(await _clock(admin, kafka))
        finally:
            await admin.close()
    return findings


async def _version(kafka: str) -> Finding:
    """A broker does not tell its version, but which requests it understands: 4.0 forgot Fetch before version 4."""
    client = AIOKafkaClient(**brokers.options(kafka))
    await client.bootstrap()
    try:
        answer = await client.send(client.get_random_node(), ApiVersionRequest())
    finally:
        await client.close()
    return version({key: least for key, least, _ in answer.api_versions}.get(_FETCH, 0))


def version(least_fetch: int) -> Finding:
    """Judged by the oldest Fetch request that a broker understands."""
    new = least_fetch >= 4
    detail = "4.0 or newer" if new else f"older than 4.0 (understands Fetch {least_fetch})"
    return judged("Kafka: version", new, detail, "upgrade the brokers to Kafka 4")


async def _broker(admin: AIOKafkaAdminClient, brokers: list[int]) -> list[Finding]:
    findings = []
    for broker in brokers:
        found = await _configs(admin, ConfigResourceType.BROKER, str(broker))
        automatic = found.get("auto.create.topics.enable", "")
        mend = "set auto.create.topics.enable=false: a mistyped prefix would make topics without their settings"
        detail = f"auto.create.topics.enable={automatic}"
        findings.append(judged(f"Kafka: broker {broker}, topics by themselves", automatic == "false", detail, mend))
        sizes = {name: int(found.get(name) or 0) for name in ("message.max.bytes", "replica.fetch.max.bytes")}
        detail = ", ".join(f"{name}={size}" for name, size in sizes.items())
        mend = f"set both to {MAX_RECORD_BYTES} at the least: so big an upload can become"
        enough = min(sizes.values()) >= MAX_RECORD_BYTES
        findings.append(judged(f"Kafka: broker {broker}, size of records", enough, detail, mend))
    return findings


async def _topics(admin: AIOKafkaAdminClient, settings: Settings) -> list[Finding]:
    wanted = topics.configuration(settings.topics, settings.uploads_days, settings.replication)
    present = set(await admin.list_topics())
    findings = [
        Finding(f"topic {name}", "missing", f"run `weboffice migrate`; had it records, see `log {name}` first")
        for name in wanted
        if name not in present
    ]
    counts: dict[str, int] = {}
    for name in (name for name in wanted if name in present):
        [described] = await admin.describe_topics([name])
        counts[name] = len(described["partitions"])
        findings.append(_settings(name, await _configs(admin, ConfigResourceType.TOPIC, name), wanted[name]))
        findings.append(_replicas(name, described["partitions"], settings.replication))
    if counts:
        same = len(set(counts.values())) == 1
        detail = ", ".join(f"{name} {count}" for name, count in counts.items())
        mend = "`anonymise` keeps the partition number: topics of different sizes need a copy into a new log"
        findings.append(judged("topics: partitions", same, detail, mend))
    return findings


def _settings(name: str, found: dict[str, str], wanted: dict[str, str]) -> Finding:
    wrong = {key: found.get(key, "") for key, value in wanted.items() if found.get(key) != value}
    alter = ",".join(f"{key}={wanted[key]}" for key in wrong)
    detail = ", ".join(f"{key}={value}" for key, value in wrong.items()) or "as they should be"
    mend = (
        f"kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name {name} --add-config {alter}"
    )
    return judged(f"topic {name}: settings", not wrong, detail, mend)


def _replicas(name: str, partitions: list[dict[str, Any]], replication: int) -> Finding:
    fewest = min(len(partition["replicas"]) for partition in partitions)
    behind = [partition["partition"] for partition in partitions if len(partition["isr"]) < len(partition["replicas"])]
    detail = f"{fewest} of each partition" + (f", not in sync: {behind}" if behind else ", in sync")
    mend = (
        "bring the missing brokers back"
        if behind
        else f"WEBOFFICE_REPLICATION is {replication}: add replicas with kafka-reassign-partitions.sh"
    )
    return judged(f"topic {name}: replicas", not behind and fewest >= replication, detail, mend)


async def _configs(admin: AIOKafkaAdminClient, kind: ConfigResourceType, name: str) -> dict[str, str]:
    responses = await admin.describe_configs([ConfigResource(kind, name)])
    return {entry[0]: entry[1] for response in responses for resource in response.resources for entry in resource[4]}


async def _clock(admin: AIOKafkaAdminClient, kafka: str) -> Finding:
    name = f"weboffice-doctor-{secrets.token_hex(6)}"
    await admin.create_topics([NewTopic(name, 1, 1, topic_configs={"message.timestamp.type": "LogAppendTime"})])
    try:
        async with AIOKafkaProducer(**brokers.options(kafka)) as producer:
            await producer.send_and_wait(name, b"warm")  # finds the leader; not timed
            before = time.time()
            told = await producer.send_and_wait(name, b"what time is it?")
            after = time.time()
        return clock("Kafka", told.timestamp / 1000 - (before + after) / 2, (after - before) / 2)
    finally:
        await admin.delete_topics([name])
