"""`weboffice doctor` is content with a sound set-up and names each thing that was broken, with its remedy."""

from __future__ import annotations

import asyncio
import contextlib
import uuid

import msgspec
import psycopg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops.checks import Finding, clock
from ops.checks.kafka import version
from ops.checks.postgres import check, no_free_connection
from ops.checks.refusal import sqlstate
from ops.cli import UNREACHABLE
from ops.commands.doctor import examine
from ops.infrastructure.postgres import EmbeddedPostgres
from ops.settings import Settings
from schemas import brokers
from schemas.errors import InfrastructureUnreachable
from schemas.log import MAX_RECORD_BYTES
from schemas.topics import Topics
from tests.conftest import database_url
from tests.infrastructure import open_folder
from tests.ops.test_exit_codes import exit_codes
from tests.service import environment, wait_until

# Of the machine and of the test's own PostgreSQL, not of the set-up that is looked at.
BESIDE_THE_POINT = {"disk", "PostgreSQL: privacy of its log", "locale"}


def wrong(settings: Settings) -> dict[str, Finding]:
    """What the doctor finds wrong, by check."""
    return {one.check: one for one in examine(settings) if not one.ok and one.check not in BESIDE_THE_POINT}


def test_a_sound_set_up_is_found_sound(service_settings: Settings, topics: Topics) -> None:
    """Nothing is wrong with a migrated database and fresh topics, and the temporary topic is gone afterwards."""
    assert wrong(service_settings) == {}

    async def names() -> set[str]:
        admin = AIOKafkaAdminClient(**brokers.options(service_settings.kafka))
        await admin.start()
        try:
            return set(await admin.list_topics())
        finally:
            await admin.close()

    assert not any(name.startswith("weboffice-doctor-") for name in asyncio.run(names()))


def test_it_says_what_old_generations_take(postgres: str) -> None:
    """The live generation and the one that was live before it are not to spare; what is older is named."""
    with psycopg.connect(postgres) as connection:
        connection.execute(
            "INSERT INTO app.generations (number, schema_name, state, fold_version, switched_at)"
            " SELECT n, 'gen_' || n, 'old', '1', now() - n * interval '1 day' FROM generate_series(7, 9) n"
        )
    [found] = [one for one in check(postgres) if one.check == "read models: to spare"]
    assert found.ok
    assert found.found.startswith("8, 9: 0.0 MB")


def test_an_old_backup_and_a_restore_that_stopped_are_named(service_settings: Settings, topics: Topics) -> None:
    """Without any backup nothing is wrong; one of an hour ago is fine, one of three days ago is not."""
    note = "INSERT INTO app.backups SELECT gen_random_uuid(), now(), now() - %s::interval, 7"
    with psycopg.connect(service_settings.postgres, autocommit=True) as connection:
        connection.execute(note, ("3 days",))
        assert "3.0 days old" in wrong(service_settings)["backup"].found
        connection.execute(note, ("1 hour",))
        assert wrong(service_settings) == {}
        connection.execute("INSERT INTO app.restores VALUES (gen_random_uuid(), now(), 12)")
        assert wrong(service_settings).keys() == {"restore"}


def test_a_topic_with_other_settings_is_named(service_settings: Settings, topics: Topics) -> None:
    """Events that would be deleted one day are found, with the command that mends it."""

    async def spoil() -> None:
        admin = AIOKafkaAdminClient(**brokers.options(service_settings.kafka))
        await admin.start()
        try:
            await admin.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, topics.events, {"retention.ms": "1000"})]
            )
        finally:
            await admin.close()

    asyncio.run(spoil())
    check = f"topic {topics.events}: settings"
    # The broker hears of it from the controller a moment after that has answered.
    wait_until(lambda: check in wrong(service_settings), "the setting is not seen")
    found = wrong(service_settings)[check]
    assert "retention.ms=1000" in found.found
    assert "retention.ms=-1" in found.mend


def test_topics_and_replicas_that_are_missing_are_named(service_settings: Settings) -> None:
    """Before `migrate`, and where there are fewer brokers than replicas, the doctor says so."""
    found = wrong(msgspec.structs.replace(service_settings, replication=3))
    assert {f"topic {service_settings.topics.uploads}", "Kafka: brokers"} <= found.keys()
    assert "weboffice migrate" in found[f"topic {service_settings.topics.uploads}"].mend


def test_a_table_without_its_wall_is_named(service_settings: Settings, topics: Topics) -> None:
    """A table of a generation that the portal reads without forced row-level security is found."""
    with psycopg.connect(service_settings.postgres) as connection:
        row = connection.execute("SELECT schema_name FROM app.generations WHERE state = 'live'").fetchone()
        assert row is not None
        connection.execute(
            sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(sql.Identifier(row[0], "contacts"))
        )
        connection.execute("DELETE FROM public.weboffice_migrations WHERE name = '0002_outbox.sql'")
    found = wrong(service_settings)
    assert f"{row[0]}.contacts" in found["PostgreSQL: row-level security"].found
    assert "0002_outbox.sql" in found["PostgreSQL: schema"].found


def test_servers_that_are_away_are_named(service_settings: Settings) -> None:
    """An address where nothing answers is a finding, not a crash."""
    away = msgspec.structs.replace(
        service_settings, kafka="127.0.0.1:1", postgres="postgresql://weboffice@127.0.0.1:1/weboffice"
    )
    found = wrong(away)
    assert found.keys() == {"Kafka", "PostgreSQL"}
    assert "refused" in found["PostgreSQL"].found


def test_settings_that_expose_passwords_are_named(service_settings: Settings) -> None:
    """A public address without TLS is found; https and loopback are not."""
    for url, sound in (("http://office.example", False), ("https://office.example", True), ("http://127.0.0.1", True)):
        found = wrong(msgspec.structs.replace(service_settings, public_url=url, kafka="127.0.0.1:1"))
        assert ("public address" not in found) == sound, url


def test_clocks_apart_are_named() -> None:
    """More than two seconds apart is wrong, in either direction; the time that the question took is allowed for."""
    assert not clock("Kafka", 3, 0.1).ok
    assert not clock("Kafka", -3, 0.1).ok
    assert clock("Kafka", 1.9, 0).ok
    assert clock("Kafka", 3, 1.5).ok


def test_an_old_kafka_is_named() -> None:
    """Kafka 4 understands Fetch from version 4 on, Kafka 3.9 from 0 on."""
    assert version(4).ok
    assert "older than 4.0" in version(0).found


def test_a_database_in_another_encoding_is_named(service_settings: Settings, topics: Topics) -> None:
    """Nothing else is taken for wrong because of it, but for the tables that are not there."""
    name = "doctor_ascii"
    with psycopg.connect(service_settings.postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'".encode())
        try:
            other = database_url(service_settings.postgres, name)
            found = wrong(msgspec.structs.replace(service_settings, postgres=other))
        finally:
            connection.execute(f"DROP DATABASE {name}".encode())
    assert found["PostgreSQL: encoding"].found == "SQL_ASCII"
    assert found.keys() == {"PostgreSQL: encoding", "PostgreSQL: schema"}


def test_topics_of_different_sizes_are_named(service_settings: Settings, topics: Topics) -> None:
    """`anonymise` keeps the partition's number, so that all of them need as many."""

    async def grow() -> None:
        admin = AIOKafkaAdminClient(**brokers.options(service_settings.kafka))
        await admin.start()
        try:
            await admin.create_partitions({topics.uploads: NewPartitions(total_count=service_settings.partitions + 1)})
        finally:
            await admin.close()

    asyncio.run(grow())
    wait_until(lambda: "topics: partitions" in wrong(service_settings), "the difference is not seen")


def test_a_broker_that_takes_small_records_is_named(service_settings: Settings, topics: Topics) -> None:
    """A broker whose largest record is below the largest upload is found; the broker is the one that is asked."""

    async def limit(size: str) -> None:
        admin = AIOKafkaAdminClient(**brokers.options(service_settings.kafka))
        await admin.start()
        try:
            await admin.alter_configs([ConfigResource(ConfigResourceType.BROKER, "1", {"message.max.bytes": size})])
        finally:
            await admin.close()

    check = "Kafka: broker 1, size of records"
    asyncio.run(limit("1048588"))
    try:
        wait_until(lambda: check in wrong(service_settings), "the limit is not seen")
    finally:
        asyncio.run(limit(str(MAX_RECORD_BYTES)))
    wait_until(lambda: check not in wrong(service_settings), "the limit stays")


def test_a_refusal_is_known_by_its_code(postgres: str) -> None:
    """Whatever the words are, in whatever language: a role without a free connection, a database that is not there."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        role = f"one_{uuid.uuid4().hex}"
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CONNECTION LIMIT 0").format(sql.Identifier(role)))
        try:
            assert _refused(make_conninfo(postgres, user=role)) == "53300"
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    wordy = "sorry, too many clients already"
    assert _refused(make_conninfo(postgres, dbname=wordy)) == "3D000"
    assert _refused("host=/nowhere") is None


def _refused(conninfo: str) -> str | None:
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(conninfo)
    wrapped = InfrastructureUnreachable("PostgreSQL")
    wrapped.__cause__ = refused.value
    assert no_free_connection(wrapped) == (sqlstate(refused.value) == "53300")
    return sqlstate(wrapped)


@pytest.mark.usefixtures("own_servers")
def test_a_postgresql_without_free_connections_is_named(service_settings: Settings) -> None:
    """It runs, and no password is wrong: the finding and every command say what holds it up, and what to do."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(open_folder())
        database = EmbeddedPostgres(folder / "postgres")
        database.prepare()
        stack.callback(database.stop)
        database.start()
        database.wait_ready()
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                stack.enter_context(psycopg.connect(database.address))
        full = msgspec.structs.replace(service_settings, postgres=database.address, kafka="127.0.0.1:9")
        found = wrong(full)["PostgreSQL"]
        assert "no connection is free" in found.found
        assert "max_connections" in found.mend
        assert "PGPASSFILE" not in found.mend
        codes, _, complaints = exit_codes([["generations", "list"], ["status"]], environment(full))
    assert codes == [UNREACHABLE, UNREACHABLE]
    assert complaints.count("PostgreSQL has no connection free") == 2
