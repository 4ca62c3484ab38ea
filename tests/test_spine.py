"""The main job on real input, end to end: real tills' data over HTTP, through Kafka and PostgreSQL, to the read API."""

from __future__ import annotations

import asyncio
import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import psycopg
from aiokafka import ConsumerRecord

from ops.settings import Settings
from tests import shop_data
from tests.schemas.described import names_of_messages
from tests.service import Service, running, wait_until
from tests.streams.workers import read_all


def test_the_read_api_equals_the_recount_of_real_data(service_settings: Settings) -> None:
    """Batches cut at random, some sent twice, some out of order: every figure is that of the independent recount."""
    assert len(shop_data.FILES) == 15
    expected = shop_data.expected()
    names = [f"{path.name} {expected[path.name]['name']}" for path in shop_data.FILES]
    with running(service_settings) as service:
        account = service.provision(*names)
        owner = account["owner_token"]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(_upload, [service.url] * len(names), shop_data.FILES, account["outlets"]))
        totals = {path.name: expected[path.name] for path in shop_data.FILES}

        def all_there() -> bool:
            shown = {outlet["name"].split()[0]: outlet for outlet in service.get("/api/v1/outlets", owner)}
            return all(shown[name]["sales"] >= said["sales"] for name, said in totals.items())

        wait_until(all_there, "not all sales arrived")
        service.wait_until_worked_off()
        for path, outlet in zip(shop_data.FILES, account["outlets"], strict=True):
            _compare(service, owner, outlet["outlet_id"], expected[path.name])
        ledger = service.command("ledger")
        assert sum(outlet["applied"] for outlet in ledger["outlets"]) == sum(s["events"] for s in expected.values())
        service.command("verify")
        service.command("privacy-scan")
        _no_planted_contact_data(service)
        _log_is_as_described(service_settings)


def _upload(url: str, path: Path, outlet: dict[str, Any]) -> None:
    """Sends a file in pieces until each is acknowledged, as a till would."""
    chance = random.Random(path.name)
    run = str(uuid.uuid4())
    with httpx.Client(headers={"Authorization": f"Bearer {outlet['till_token']}"}, timeout=60) as client:
        for first, batch in shop_data.cut(shop_data.events(path), chance):
            body = {"run": run, "first_seq": first, "events": batch}

            def accepted(body: dict[str, Any] = body) -> bool:
                answer = client.post(f"{url}/api/v1/uploads", json=body)
                assert answer.status_code in (202, 429, 503), answer.text
                return answer.status_code == 202

            wait_until(accepted, "the gateway never accepted the upload")


def _compare(service: Service, owner: str, outlet: str, expected: dict[str, Any]) -> None:
    base = f"/api/v1/outlets/{outlet}"
    [totals] = [found for found in service.get("/api/v1/outlets", owner) if found["outlet_id"] == outlet]
    assert (totals["sales"], totals["goods"]) == (expected["sales"], expected["goods"])
    span = {"from": "2000-01-01", "to": "2100-01-01"}
    daily = {
        row["day"]: {
            key: Decimal(str(row[key])) for key in ("sales", "revenue", "goods_sum", "discount_sum", "returns_sum")
        }
        for row in service.get(f"{base}/daily", owner, **span)
    }
    assert daily == {day: {k: Decimal(v) for k, v in row.items()} for day, row in expected["daily"].items()}
    payments = {
        f"{row['day']} {row['method']}": Decimal(row["amount"])
        for row in service.get(f"{base}/payments", owner, **span)
    }
    assert {k: v for k, v in payments.items() if v} == {
        k: Decimal(v) for k, v in expected["payments"].items() if Decimal(v)
    }
    stock = {row["good_id"]: Decimal(row["quantity"]) for row in _pages(service, f"{base}/stock", owner)}
    assert {k: stock.get(k) for k in expected["stock"]} == {k: Decimal(v) for k, v in expected["stock"].items()}
    contacts = {
        row["contact_id"]: (row["name"], Decimal(row["purchases_total"]))
        for row in _pages(service, f"{base}/contacts", owner)
    }
    assert contacts == {
        key: (row["name"], Decimal(row["purchases_total"])) for key, row in expected["contacts"].items()
    }
    assert len(_pages(service, f"{base}/sales", owner)) == expected["sales"]


def _pages(service: Service, path: str, owner: str) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = service.get(path, owner, limit=100, **after)
        items += page["items"]
        if page["next"] is None:
            return items
        after = {"after": page["next"]}


def _no_planted_contact_data(service: Service) -> None:
    """None of the e-mails, phones and full names in the files stands in `events` or in PostgreSQL."""
    planted: set[str] = set()
    for path in shop_data.FILES:
        for event in shop_data.events(path):
            planted |= {event[field] for field in ("email", "phone") if field in event}
            if event["type"] == "contact.saved":
                planted.add(event["name"])
    planted = {text for text in planted if len(text) > 6 and not text.endswith(".")}
    assert len(planted) > 20
    kept = "\n".join(record.value.decode() for record in _topic(service.settings, service.settings.topics.events))
    kept += _database_text(service.settings.postgres)
    assert "sale.registered" in kept
    assert not [text for text in planted if text in kept]


def _topic(settings: Settings, name: str) -> list[ConsumerRecord]:
    return asyncio.run(read_all(settings.kafka, name, settings.partitions))


def _log_is_as_described(settings: Settings) -> None:
    """What gateway and `anonymise` wrote is what asyncapi.json says, headers, keys and payloads."""
    for channel, name in (("uploads", settings.topics.uploads), ("events", settings.topics.events)):
        some = sorted(_topic(settings, name), key=lambda record: len(record.value))[:20]
        assert names_of_messages(channel, some) == {"UploadRecord"}


def _database_text(postgres: str) -> str:
    texts = []
    with psycopg.connect(postgres) as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname = 'app' OR schemaname LIKE 'gen%'"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f"SELECT t::text FROM {table} t").fetchall()  # noqa: S608  (names from the catalogue)
            texts += [text for (text,) in rows]
    return "\n".join(texts)
