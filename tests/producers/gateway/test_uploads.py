"""The answers table of the contract, on a real server, Kafka and PostgreSQL."""

from __future__ import annotations

import asyncio
import gzip
import random
import uuid

import httpx
import msgspec
import pytest
from structlog.testing import capture_logs

from producers.gateway.app import Gateway
from producers.gateway.limits import Capacity, Rate, Rates
from schemas.limits import MAX_BYTES
from schemas.records import UploadRecord, decode, origin
from schemas.topics import Topics
from tests.producers.gateway.service import (
    Service,
    Shop,
    eventually,
    new_shop,
    packed,
    read_log,
    serving,
    upload_of,
)


def error_of(response: httpx.Response) -> tuple[int, str]:
    document = response.json()
    assert set(document) == {"error", "detail", "at"}
    return response.status_code, document["error"]


async def test_an_acknowledged_upload_is_in_kafka_before_202(service: Service, kafka: str, topics: Topics) -> None:
    """After 202 the record stands in `uploads` with key, headers, zone and all events."""
    document = upload_of(100, first_seq=1201)
    response = await service.upload(document)
    assert (response.status_code, response.json()) == (202, {"accepted": 100, "next_seq": 1301})
    [record] = await read_log(kafka, topics.uploads)
    assert record.key == service.shop.outlet.encode()
    told = origin(record.headers)
    assert (told.kind, told.outlet, told.run) == ("upload", service.shop.outlet, document["run"])
    assert (told.first_seq, told.count) == (1201, 100)
    content = decode(record.value)
    assert isinstance(content, UploadRecord)
    assert (content.outlet, content.till, content.run) == (told.outlet, told.till, told.run)
    assert (content.zone, content.first_seq, len(content.events)) == ("Europe/Moscow", 1201, 100)
    assert not content.imported


@pytest.mark.asvs("V15.3.3", "an upload says itself what its till is")
async def test_what_an_importers_till_sends_is_marked(service: Service, kafka: str, topics: Topics) -> None:
    """The mark comes from the till's registration; nothing in the upload can say it."""
    service.shop.run_sql("UPDATE app.tills SET imported = true WHERE outlet_id = %(outlet)s")
    assert (await service.upload(upload_of(1))).status_code == 202
    [record] = await read_log(kafka, topics.uploads)
    content = decode(record.value)
    assert isinstance(content, UploadRecord)
    assert content.imported


async def test_gzip_and_plain_give_the_same(service: Service, kafka: str, topics: Topics) -> None:
    """A gzipped upload is taken like a plain one."""
    document = upload_of(3)
    assert (await service.upload(document)).status_code == 202
    assert (await service.post(packed(document), Content_Encoding="gzip")).status_code == 202
    one, other = [decode(record.value) for record in await read_log(kafka, topics.uploads)]
    assert isinstance(one, UploadRecord)
    assert isinstance(other, UploadRecord)
    assert one.events == other.events


async def test_private_fields_are_dropped(service: Service, kafka: str, topics: Topics) -> None:
    """E-mail and phone fields never reach Kafka."""
    document = upload_of()
    document["events"][0] |= {"email": "someone@example.com", "phone": "+7 900 000-00-00"}
    assert (await service.upload(document)).status_code == 202
    [record] = await read_log(kafka, topics.uploads)
    assert msgspec.json.decode(record.value)["events"] == upload_of()["events"]
    # Whole, since a part of a number may well stand in a random id.
    assert b"someone@example.com" not in record.value
    assert b"900 000-00-00" not in record.value


REFUSED: list[tuple[bytes, dict[str, str], tuple[int, str]]] = [
    (b"{", {}, (400, "not_json")),
    (b"", {}, (400, "not_json")),
    (b"\xff\xfe\x00", {}, (400, "not_json")),
    (b"[" * 5000 + b"]" * 5000, {}, (400, "not_json")),
    (b'{"events":' + b"[" * 700 + b"]" * 700 + b"}", {}, (422, "invalid")),
    (b"{}", {}, (422, "invalid")),
    (packed(upload_of())[:-3], {"Content_Encoding": "gzip"}, (400, "broken_gzip")),
    (packed(upload_of())[:5], {"Content_Encoding": "gzip"}, (400, "broken_gzip")),
    (b"", {"Content_Encoding": "gzip"}, (400, "broken_gzip")),
    (b"no gzip", {"Content_Encoding": "gzip"}, (400, "broken_gzip")),
    (packed(upload_of()) + b"rest", {"Content_Encoding": "gzip"}, (400, "broken_gzip")),
    (packed(upload_of()) * 2, {"Content_Encoding": "gzip"}, (400, "not_json")),
    (packed(b"") * 100 + packed(upload_of()), {"Content_Encoding": "gzip"}, (400, "broken_gzip")),
    (packed(upload_of())[:-8] + b"\0" * 8, {"Content_Encoding": "gzip"}, (400, "broken_gzip")),
    (gzip.compress(b" " * (MAX_BYTES + 1)), {"Content_Encoding": "gzip"}, (413, "too_large")),
    (gzip.compress(b"\0" * 200_000_000, 1), {"Content_Encoding": "gzip"}, (413, "too_large")),
    (b" " * (MAX_BYTES + 1), {}, (413, "too_large")),
    (msgspec.json.encode(upload_of(501)), {}, (413, "too_many_events")),
    (msgspec.json.encode(upload_of()), {"Content_Type": "text/plain"}, (415, "wrong_type")),
    (msgspec.json.encode(upload_of()), {"Content_Type": "application/json; charset=cp1251"}, (415, "wrong_type")),
    (msgspec.json.encode(upload_of()), {"Content_Encoding": "br"}, (415, "unknown_encoding")),
    (packed(upload_of()), {"Content_Encoding": "gzip, gzip"}, (415, "unknown_encoding")),
    (msgspec.json.encode(upload_of(0)), {}, (422, "invalid")),
    (msgspec.json.encode({**upload_of(), "first_seq": 0}), {}, (422, "invalid")),
    (msgspec.json.encode({**upload_of(), "run": "yesterday"}), {}, (422, "invalid")),
    (msgspec.json.encode({**upload_of(), "more": 1}), {}, (422, "invalid")),
]


@pytest.mark.asvs("V1.5.2", "an upload is taken with fields or types that are not declared")
@pytest.mark.asvs("V15.3.5", "a text is taken for a number")
async def test_refused_uploads(service: Service, kafka: str, topics: Topics) -> None:
    """What breaks a rule gets its own status and code, and nothing of it is written."""
    for body, headers, expected in REFUSED:
        assert error_of(await service.post(body, **headers)) == expected, (body[:80], headers)
    assert await read_log(kafka, topics.uploads) == []


async def test_a_refusal_names_the_place(service: Service) -> None:
    """`at` points at the field that breaks the schema."""
    document = upload_of(5)
    document["events"][3] = {
        "type": "sale.registered",
        "at": "2026-03-01T10:00:00+03:00",
        "sale_id": "s",
        "number": "1",
        "lines": [{"good_id": "g", "name": "Чай", "quantity": "1", "price": "-1"}],
        "payments": [],
    }
    response = await service.upload(document)
    assert response.status_code == 422
    assert response.json()["at"] == "events[3].lines[0].price"


async def test_content_type_may_have_parameters(service: Service) -> None:
    """`application/json; charset=utf-8` in any letter case is JSON."""
    for content_type in ("application/json; charset=utf-8", "Application/JSON;charset=UTF-8"):
        headers = {"Authorization": f"bearer {service.shop.token}", "Content-Type": content_type}
        body = msgspec.json.encode(upload_of())
        response = await service.client.post("/api/v1/uploads", content=body, headers=headers)
        assert response.status_code == 202


async def test_unknown_tokens_are_challenged(service: Service) -> None:
    """Without a token, or with one nobody knows, the answer is 401 with a challenge."""
    response = await service.client.post("/api/v1/uploads", content=b"{}")
    assert error_of(response) == (401, "no_token")
    assert response.headers["www-authenticate"].startswith("Bearer")
    for authorization in (b"Basic eDp5", b"Bearer", b"x", "Bearer ÿ".encode("latin-1")):
        response = await service.client.post("/api/v1/uploads", headers={b"Authorization": authorization})
        assert response.status_code == 401
    response = await service.upload(upload_of(), token="wo_till_nobody")
    assert error_of(response) == (401, "unknown_token")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE app.till_tokens SET revoked_at = now()", (401, "revoked_token")),
        ("UPDATE app.outlets SET disabled_at = now() WHERE outlet_id = %(outlet)s", (403, "outlet_disabled")),
        ("UPDATE app.outlets SET removed_at = now() WHERE outlet_id = %(outlet)s", (403, "outlet_removed")),
        ("UPDATE app.tills SET removed_at = now() WHERE outlet_id = %(outlet)s", (403, "till_removed")),
        ("UPDATE app.accounts SET trial_until = now() - interval '91 days'", (402, "licence_expired")),
    ],
)
async def test_who_may_not_upload(service: Service, statement: str, expected: tuple[int, str]) -> None:
    """A revoked token, a disabled or removed outlet or till, and a licence long expired are refused."""
    assert (await service.upload(upload_of())).status_code == 202
    service.shop.run_sql(statement)
    assert error_of(await service.upload(upload_of())) == expected


async def test_an_expired_licence_does_not_stop_uploads(service: Service) -> None:
    """Within 90 days of the end of trial and licence, uploads go on."""
    service.shop.run_sql("UPDATE app.accounts SET trial_until = now() - interval '89 days 23 hours'")
    assert (await service.upload(upload_of())).status_code == 202
    service.shop.run_sql("UPDATE app.accounts SET trial_until = now() - interval '200 days'")
    service.shop.run_sql("INSERT INTO app.licences VALUES (%(outlet)s, now() - interval '89 days')")
    assert (await service.upload(upload_of())).status_code == 202


async def test_other_methods_and_addresses(service: Service) -> None:
    """405 and 404 come in the API's own form."""
    for method in ("GET", "PUT", "DELETE", "OPTIONS", "PATCH"):
        response = await service.client.request(method, "/api/v1/uploads")
        assert error_of(response) == (405, "method_not_allowed")
        assert response.headers["allow"] == "POST"
    response = await service.client.post("/api/v1/uploads/state")
    assert error_of(response) == (405, "method_not_allowed")
    for path in ("/api/v1/uploads/", "/api/v1/uploads/other", "/api/v1/uploads/state/x"):
        assert error_of(await service.client.get(path)) == (404, "not_found")


async def test_the_largest_upload_is_taken(service: Service, kafka: str, topics: Topics) -> None:
    """8 MiB that no compression shrinks much, and 8 MiB of short lines, both reach Kafka whole, and no larger."""
    rng = random.Random(1)
    random_good = {**upload_of()["events"][0], "type": "good.saved", "category": "", "max_price": "1", "name": "x"}
    texts = [rng.randbytes(200).hex() for _ in range(500)]
    extra = [[{"name": rng.randbytes(40).hex(), "value": rng.randbytes(200).hex()} for _ in range(32)] for _ in texts]
    noisy = {**upload_of(), "events": [{**random_good, "name": t, "extra": e} for t, e in zip(texts, extra)]}  # noqa: B905
    line = {"good_id": "1", "name": "", "quantity": "1", "price": "1"}
    sale = {"type": "sale.registered", "at": "2026-03-01T10:00:00Z", "number": "1", "payments": []}
    lines = [line] * (MAX_BYTES // (len(msgspec.json.encode(line)) + 1) - 10)
    growing = {**upload_of(), "events": [{**sale, "sale_id": "s", "lines": lines}]}
    for document in (noisy, growing):
        assert 7.9 * 2**20 < len(msgspec.json.encode(document)) <= MAX_BYTES
        response = await service.upload(document)
        assert response.status_code == 202, response.text
    records = await read_log(kafka, topics.uploads)
    assert all(7.9 * 2**20 < len(record.value) < 8.1 * 2**20 for record in records)
    assert service.gateway.room.bytes_held == 0


async def test_a_body_that_comes_too_slowly(service: Service) -> None:
    """A body that does not come in time is answered 408 and the connection closed."""
    answer = await service.speak(service.head("Content-Length: 100") + b'{"run": ')
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"body_too_slow"' in answer
    assert b"connection: close" in answer.lower()
    assert service.gateway.room.bytes_held == 0


async def test_nasty_bodies(service: Service, kafka: str, topics: Topics) -> None:
    """A length that lies, a broken chunk, a connection cut half way: never 202, and the gateway goes on."""
    body = msgspec.json.encode(upload_of())
    short = await service.speak(service.head(f"Content-Length: {len(body) - 5}") + body)
    assert short.startswith(b"HTTP/1.1 400")
    broken = await service.speak(service.head("Transfer-Encoding: chunked") + b"5\r\nhello\r\nZZ\r\n")
    assert broken.startswith(b"HTTP/1.1 400")
    both = await service.speak(service.head("Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n")
    assert both.startswith(b"HTTP/1.1 400")
    endless = await service.speak(service.head("Content-Length: 99999999999999999999999"), seconds=7)
    assert endless.startswith((b"HTTP/1.1 413", b"HTTP/1.1 400"))
    await service.speak(service.head("Content-Length: 1000") + b"{", seconds=0.05)
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    too_long = await service.speak(service.head("Transfer-Encoding: chunked") + chunk * 140, seconds=7)
    assert too_long.startswith(b"HTTP/1.1 413")
    assert await read_log(kafka, topics.uploads) == []
    await eventually(lambda: service.gateway.room.bytes_held == 0)
    assert (await service.upload(upload_of())).status_code == 202


async def test_a_refused_till_is_answered_before_its_body(service: Service) -> None:
    """Who is refused is told so at once, not after a body that may never come."""
    answer = await service.speak(service.head("Content-Length: 8000000", token="wo_till_nobody"), seconds=1)
    assert answer.startswith(b"HTTP/1.1 401")
    waiting = await service.speak(
        service.head("Content-Length: 8000000", "Expect: 100-continue", token="wo_till_nobody"), seconds=1
    )
    assert waiting.startswith(b"HTTP/1.1 401")


async def test_a_till_over_its_rate(kafka: str, postgres: str, topics: Topics, shop: Shop) -> None:
    """Over the rate the answer is 429 with Retry-After; another till is not affected."""
    other = new_shop(postgres, "Вторая лавка")
    rates = Rates(uploads=Rate(0.1, 3))
    async with serving(Gateway(kafka, postgres, topics, rates=rates), shop) as service:
        for _ in range(3):
            assert (await service.upload(upload_of())).status_code == 202
        response = await service.upload(upload_of())
        assert error_of(response) == (429, "too_many_requests")
        assert 1 <= int(response.headers["retry-after"]) <= 10
        assert (await service.upload(upload_of(), token=other.token)).status_code == 202


async def test_room_is_kept_for_others(kafka: str, postgres: str, topics: Topics, shop: Shop) -> None:
    """Slow uploads of one till are bounded in number; another till still gets through."""
    other = new_shop(postgres, "Вторая лавка")
    gateway = Gateway(kafka, postgres, topics, capacity=Capacity(uploads=3, uploads_per_till=2), body_seconds=20)
    async with serving(gateway, shop) as service:
        streams = [await service.open(service.head("Content-Length: 1000") + b"{") for _ in range(2)]
        await eventually(lambda: gateway.room.bytes_held == 2)
        response = await service.upload(upload_of())
        assert error_of(response) == (429, "too_many_at_once")
        assert response.headers["retry-after"] == "1"
        assert (await service.upload(upload_of(), token=other.token)).status_code == 202
        third = await service.open(service.head("Content-Length: 1000", token=other.token) + b"{")
        await eventually(lambda: gateway.room.bytes_held == 3)
        response = await service.upload(upload_of(), token=other.token)
        assert error_of(response) == (503, "busy")
        for stream in (*streams, third):
            stream.close()
        await eventually(lambda: gateway.room.bytes_held == 0)
        assert (await service.upload(upload_of())).status_code == 202


async def test_memory_is_bounded(kafka: str, postgres: str, topics: Topics, shop: Shop) -> None:
    """Bodies that do not fit into what the gateway may hold are refused for now, with Retry-After."""
    gateway = Gateway(kafka, postgres, topics, capacity=Capacity(bytes=10_000, bytes_per_till=12_000))
    async with serving(gateway, shop) as service:
        for count, expected in ((150, (503, "busy")), (200, (429, "too_many_at_once"))):
            response = await service.upload(upload_of(count))
            assert error_of(response) == expected
            assert int(response.headers["retry-after"]) >= 1
        assert gateway.room.bytes_held == 0
        assert (await service.upload(upload_of(1))).status_code == 202


async def test_concurrent_uploads_are_each_written_once(service: Service, kafka: str, topics: Topics) -> None:
    """Many uploads at once: each acknowledged one is in the log once."""
    run = str(uuid.uuid4())
    documents = [upload_of(10, run=run, first_seq=1 + 10 * i) for i in range(60)]
    responses = await asyncio.gather(*(service.upload(document) for document in documents))
    assert {response.status_code for response in responses} == {202}
    records = await read_log(kafka, topics.uploads)
    assert sorted(origin(record.headers).first_seq for record in records) == [d["first_seq"] for d in documents]


async def test_what_fails_has_a_line_in_the_log(service: Service) -> None:
    """It says who, what and how long, and no token. What is accepted has one for those who look closely (`debug`)."""
    document = upload_of(3)
    with capture_logs() as logs:
        await service.upload(document)
        await service.upload(document, token="wo_till_unknown_secret")
        await service.post(b"{")
    accepted, unknown, broken = logs
    assert set(accepted) == {*"event log_level status ms outlet till bytes run first_seq count".split()}
    assert [line["log_level"] for line in logs] == ["debug", "info", "info"]
    assert (accepted["event"], accepted["status"], accepted["count"]) == ("upload", 202, 3)
    assert (unknown["status"], unknown["error"]) == (401, "unknown_token")
    assert (broken["status"], broken["error"], broken["bytes"]) == (400, "not_json", 1)
    assert "secret" not in str(logs)
    assert service.shop.token not in str(logs)
