"""Whatever a client sends, the gateway answers in its own form and never with a fault of its own."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers.gateway.app import Gateway
from producers.gateway.body import unpack
from schemas.errors import UploadRefused
from schemas.topics import Topics
from tests.producers.gateway.conftest import UNHURRIED
from tests.producers.gateway.service import Shop, serving, upload_of

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Target(msgspec.Struct, frozen=True):
    client: httpx.Client
    token: str


@pytest.fixture
def target(kafka: str, postgres: str, topics: Topics, shop: Shop) -> Iterator[Target]:
    """A gateway served in a thread with a loop of its own, for tests that are not coroutines."""
    found: list[str] = []
    ready, over = threading.Event(), threading.Event()

    async def serve() -> None:
        gateway = Gateway(kafka, postgres, topics, rates=UNHURRIED, body_seconds=1)
        async with serving(gateway, shop) as service:
            found.append(str(service.client.base_url))
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(30)
    with httpx.Client(base_url=found[0], timeout=60) as client:
        yield Target(client, shop.token)
    over.set()
    thread.join()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def almost_valid(draw: st.DrawFn) -> bytes:
    """A valid upload in which one value was put in the place of another, or a few bytes were changed."""
    document: dict[str, Any] = upload_of(draw(st.integers(1, 3)))
    where: Any = document
    keys: list[Any] = []
    while isinstance(where, dict | list) and (not keys or draw(st.booleans())):
        key = draw(st.sampled_from(sorted(where) if isinstance(where, dict) else list(range(len(where)))))
        keys.append((where, key))
        where = where[key]
    container, key = keys[-1]
    container[key] = draw(json_values)
    body = bytearray(msgspec.json.encode(document))
    for position, value in draw(st.lists(st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255)), max_size=2)):
        body[position] = value
    return bytes(body)


bodies = st.binary(max_size=300) | almost_valid() | json_values.map(msgspec.json.encode)
header_values = st.sampled_from(
    ["gzip", "identity", "br", "GZIP", "", "application/json", "text/html", "application/json; charset=utf-16"]
) | st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), max_size=30)


# What HTTP allows in a field: a server refuses others before any application sees them.
header_text = st.text(st.characters(codec="latin-1", min_codepoint=33, exclude_characters="\x7f"), max_size=60)


@FUZZ
@given(body=bodies, headers=st.dictionaries(st.sampled_from(["Content-Type", "Content-Encoding"]), header_values))
def test_bodies_and_headers(target: Target, body: bytes, headers: dict[str, str]) -> None:
    """Never 5xx; anything but 202 has the contract's error form."""
    sent = {"Authorization": f"Bearer {target.token}", "Content-Type": "application/json", **headers}
    response = target.client.post("/api/v1/uploads", content=body, headers=sent)
    check(response)


@FUZZ
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]),
    path=st.sampled_from(["", "/state", "/", "/x", "/state/"]),
    query=st.dictionaries(st.sampled_from(["run", "x"]), st.text(max_size=40), max_size=2),
    authorization=st.none() | header_text,
)
def test_addresses_and_tokens(
    target: Target, method: str, path: str, query: dict[str, str], authorization: str | None
) -> None:
    """Never 5xx, whatever is asked for and by whom."""
    headers = {} if authorization is None else {b"Authorization": authorization.encode("latin-1")}
    with contextlib.suppress(httpx.LocalProtocolError):
        response = target.client.request(method, f"/api/v1/uploads{path}", params=query, headers=headers)
        assert response.status_code in (401, 404, 405)
    known = {"Authorization": f"Bearer {target.token}"}
    check(target.client.get("/api/v1/uploads/state", params=query, headers=known))


@given(
    st.binary(max_size=200) | st.binary(max_size=2000).map(gzip.compress), st.integers(0, 100), st.binary(max_size=5)
)
def test_unpacking(packed: bytes, position: int, change: bytes) -> None:
    """Broken gzip raises the project's error only, and whole gzip gives what was packed."""
    broken = packed[:position] + change + packed[position + len(change) :]
    for body in (packed, broken):
        with contextlib.suppress(UploadRefused):
            assert unpack(body, "gzip") == gzip.decompress(body)
    assert unpack(gzip.compress(packed), "gzip") == packed


def check(response: httpx.Response) -> None:
    assert response.status_code < 500, response.text
    if response.status_code not in (200, 202):
        assert set(response.json()) == {"error", "detail", "at"}
