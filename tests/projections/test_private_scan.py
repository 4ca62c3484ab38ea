"""Names, e-mails and phones behind the intake are found wherever they stand, and what is exempt is left alone."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from ops.provisioning import provision
from projections.proof.privacy import Finding, Scan, in_record, scan
from schemas.records import encode, headers
from tests.projections.kafkalog import KafkaLog, headers_of
from tests.projections.shops import Shop

Database = Connection[TupleRow]
SHOP = Shop(1)
MAIL, PHONE, NAME = "canary@example.com", "+7 (900) 000-00-00", "Канарейкин Образец Примерович"


def scanned(log: KafkaLog) -> Scan:
    return asyncio.run(scan(log.source))


def test_what_is_minimised_is_found_clean(log: KafkaLog) -> None:
    """Every record and row is read, with the accounts and their e-mail addresses, and nothing is reported."""
    provision(log.source.postgres, "owner@example.com", ["Чайная"])
    log.append(SHOP.uploads(20))
    log.apply()
    found = scanned(log)
    assert found.findings == []
    assert found.records == len(list(SHOP.uploads(20)))
    assert found.rows > 20


@pytest.mark.parametrize(
    ("event", "kind", "at"),
    [
        ({"type": "contact.saved", "contact_id": "1", "name": NAME}, "full_name", "events[0].name"),
        ({"type": "contact.saved", "contact_id": "1", "name": MAIL}, "email", "events[0].name"),
        ({"type": "sale.registered", "cashier": NAME}, "full_name", "events[0].cashier"),
        ({"type": "sale.registered", "lines": [{"name": f"Чай {PHONE}"}]}, "phone", "events[0].lines[0].name"),
        ({"type": "good.saved", "extra": [{"name": "a", "value": MAIL}]}, "email", "events[0].extra[0].value"),
        ({"type": "good.saved", "category": "89000000000"}, "phone", "events[0].category"),
        ({"type": "event.withdrawn", "reason": f"call {PHONE}"}, "phone", "events[0].reason"),
        ({"type": "event.unheard_of", "whatever": [{"deep": MAIL}]}, "email", "events[0].whatever[0].deep"),
    ],
)
def test_a_canary_in_a_record_is_found(event: dict[str, object], kind: str, at: str) -> None:
    """In any text of any event, also one this program does not know."""
    assert (kind, at) in list(in_record(msgspec.json.encode({"kind": "upload", "events": [event]})))


@pytest.mark.parametrize(
    "event",
    [
        {"type": "good.saved", "good_id": "89000000000", "name": "Чай", "barcode": "89000000000"},
        {"type": "good.saved", "good_id": "1", "name": "Чай", "barcodes": ["79000000000", "+79000000000"]},
        {"type": "sale.registered", "number": "89000000000", "change": "89000000000.00", "cashier": "Образцова О.О."},
        {"type": "stock.counted", "good_id": "1", "warehouse_id": "8 900 000 00 00", "quantity": "89000000000"},
    ],
)
def test_ids_barcodes_and_numbers_are_exempt(event: dict[str, object]) -> None:
    """They may well look like a phone number."""
    assert list(in_record(msgspec.json.encode({"kind": "upload", "outlet": SHOP.outlet, "events": [event]}))) == []


def test_a_canary_in_bytes_that_are_no_record_is_found() -> None:
    """What can't be decoded is searched as text."""
    assert list(in_record(f"}} broken {MAIL}".encode())) == [("email", "")]


def test_a_canary_in_the_log_is_found_by_its_offset(log: KafkaLog) -> None:
    """Where it is reported, not what."""
    value = encode(next(SHOP.uploads(1))).replace("Пробников П.П.".encode(), NAME.encode())
    log.append_raw([(SHOP.outlet, value, headers(kind="upload", outlet=SHOP.outlet))])
    [first, *_] = scanned(log).findings
    assert first.kind == "full_name"
    assert first.place.startswith(log.source.topic)
    assert first.place.endswith("@0")
    assert NAME not in repr(first)


@pytest.mark.parametrize(
    ("statement", "planted", "kind", "place"),
    [
        ("UPDATE gen_1.contacts SET name = %s WHERE contact_id = 'c1'", NAME, "full_name", "gen_1.contacts["),
        ("UPDATE gen_1.sales SET cashier = %s WHERE sale_id = 's1'", NAME, "full_name", "gen_1.sales["),
        ("UPDATE gen_1.goods SET name = %s WHERE good_id = 'g1'", PHONE, "phone", "gen_1.goods["),
        ("UPDATE app.outlets SET name = %s", MAIL, "email", "app.outlets["),
        (
            "UPDATE gen_1.sales SET lines = jsonb_build_array(jsonb_build_object('name', %s::text))",
            MAIL,
            "email",
            "gen_1.sales[",
        ),
    ],
)
def test_a_canary_in_a_row_is_found(
    log: KafkaLog, database: Database, statement: str, planted: str, kind: str, place: str
) -> None:
    """In any table, column or document of any generation, and in the service's own tables."""
    provision(log.source.postgres, "owner@example.com", ["Чайная"])
    log.append(SHOP.uploads(5))
    log.apply()
    database.execute(statement.encode(), (planted,))
    found = scanned(log).findings
    assert {finding.kind for finding in found} == {kind}
    assert all(finding.place.startswith(place) for finding in found)


def test_a_canary_in_what_waits_is_found(log: KafkaLog) -> None:
    """A parked upload is kept as bytes; they are looked into."""
    [upload, *_] = SHOP.uploads(5)
    waiting = msgspec.structs.replace(upload, first_seq=100)
    value = encode(waiting).replace("Пробников П.П.".encode(), NAME.encode())
    log.append_raw([(SHOP.outlet, value, headers_of(waiting))])
    log.apply()
    kinds = {(finding.kind, finding.place.split("[")[0]) for finding in scanned(log).findings}
    assert ("full_name", "gen_1.parked") in kinds
    assert isinstance(scanned(log).findings[0], Finding)
