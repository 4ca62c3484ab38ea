"""Kafka that demands TLS and SCRAM, PostgreSQL that demands TLS: the service works with both, and verifies both."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import psycopg
import pytest
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ops import settings as service_settings
from ops.infrastructure.postgres import EmbeddedPostgres
from ops.reachable import kafka_answers
from ops.settings import Settings
from producers.till.client import TillClient
from tests.infrastructure import open_folder
from tests.ops.tls import PASSWORD, Certificates, StrictKafka, certificates, strict_postgres
from tests.service import Service

# aiokafka leaves a TLS connection to its loop to close, and `asyncio.run` ends before that is done.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


class Strict(Struct, frozen=True):
    """Settings that fit both servers, and their certificates."""

    settings: Settings
    certificates: Certificates
    port: int


@pytest.fixture(scope="module")
def strict(own_servers: None) -> Iterator[Strict]:
    with open_folder() as folder, ExitStack() as stack:
        found = certificates(folder)
        defaults = service_settings.read({"WEBOFFICE_HOME": str(folder / "home"), "WEBOFFICE_PARTITIONS": "3"})
        kafka = StrictKafka(folder / "kafka", defaults.cache, found)
        postgres = EmbeddedPostgres(folder / "postgres")
        for server in (kafka, postgres):
            server.prepare()
            server.start()
            stack.callback(server.stop)
        for server in (kafka, postgres):
            server.wait_ready()
        socket = Path(str(conninfo_to_dict(postgres.address)["host"])) / ".s.PGSQL.5432"
        port = stack.enter_context(strict_postgres(socket, found))
        url = f"postgresql://weboffice@localhost:{port}/weboffice?sslmode=verify-full&sslrootcert={found.ca}"
        yield Strict(msgspec.structs.replace(defaults, kafka=kafka.address, postgres=url), found, port)
        gc.collect()  # what is left open is told here, and in no other file's test


@pytest.mark.asvs("V12.3.2", "Kafka's certificate is not verified")
@pytest.mark.asvs("V12.3.4", "certificates of another authority than the one named are trusted")
def test_kafka_is_verified_and_asks_who_comes(strict: Strict) -> None:
    """Without TLS, with another password, with certificates of another authority or under another name: nothing."""
    kafka = strict.settings.kafka
    wrong = [
        kafka.partition("@")[2].partition("?")[0],
        kafka.replace("SCRAM-SHA-512", "PLAIN"),
        kafka.replace("sasl_ssl", "sasl_plaintext").partition("&ca")[0],
        kafka.replace("till-hall", "somebody"),
        kafka.replace(str(strict.certificates.ca).replace("/", "%2F"), str(strict.certificates.other)),
        kafka.replace("localhost", "127.0.0.1"),
    ]
    assert len({kafka, *wrong}) == 7
    assert not any(asyncio.run(kafka_answers(address)) for address in wrong)
    assert asyncio.run(kafka_answers(kafka))


@pytest.mark.asvs("V12.3.2", "PostgreSQL's certificate is not verified")
def test_postgres_is_verified(strict: Strict) -> None:
    """Without TLS, with another authority's certificates or under another name: nothing."""
    postgres = strict.settings.postgres
    for wrong in (
        {"sslmode": "disable", "sslrootcert": None},
        {"sslrootcert": str(strict.certificates.other)},
        {"host": "127.0.0.1"},
    ):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(make_conninfo(postgres, connect_timeout=10, **wrong)).close()
    psycopg.connect(postgres).close()


def test_the_service_works_with_both(strict: Strict) -> None:
    """A sale that a till uploads is in the figures, and no log holds the login; addresses come from files."""
    folder = strict.settings.home.parent
    service = Service(strict.settings)
    for name in ("WEBOFFICE_KAFKA", "WEBOFFICE_POSTGRES"):
        (folder / name).write_text(service.environment.pop(name))
        service.environment[f"{name}_FILE"] = str(folder / name)
    try:
        service.start()
        made = service.provision("Лавка")
        outlet = made["outlets"][0]
        line = {"good_id": "g", "name": "Чай", "quantity": "2", "price": "150.00"}
        paid = {"method": "cash", "amount": "300.00"}
        sale = {"type": "sale.registered", "at": "2026-03-02T10:00:00+03:00", "sale_id": "1", "number": "1"}
        with TillClient(service.url, outlet["till_token"], folder / "spool", state_dir=folder / "state") as till:
            till.append([{**sale, "lines": [line], "payments": [paid]}])
            till.send()
        service.wait_until_worked_off()
        days = service.get(
            f"/api/v1/outlets/{outlet['outlet_id']}/daily",
            made["owner_token"],
            **{"from": "2026-03-01", "to": "2026-03-03"},
        )
        assert "300.00" in str(days)
        said = str(service.command("status")["services"])
        assert PASSWORD not in said
        assert "till-hall" not in said
    finally:
        assert service.stop() == 0
    log = service.log.read_text()
    assert not any(secret in log for secret in (PASSWORD, "pass/word", "pass%2Fword"))
