"""The running system against its own description: whatever it is asked, it answers as described, and never 5xx."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import Struct
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ops import web
from ops.provisioning import provision
from ops.settings import Settings
from schemas.topics import Topics
from tests.logins import services_of
from tests.service import environment, wait_until
from webapp import openapi

CHECKED_IN = Path(__file__).parents[1] / "docs" / "api" / "openapi.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 25


class Running(Struct):
    """A served gateway and portal with an account of one outlet that has a sale."""

    url: str
    owner_token: str
    till_token: str
    outlet: str


@pytest.fixture
def running(service_settings: Settings, topics: Topics) -> Iterator[Running]:
    """Gateway and portal in a process of their own; no worker runs, so nothing is folded.

    Not in a thread of the test: Hypothesis sees whoever else draws from `random` while it makes a case.
    """
    command = [sys.executable, "-m", "ops", "serve", "all", "--port", "0"]
    with subprocess.Popen(command, env=environment(service_settings), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[1]
            wait_until(lambda: _answers(url), "the service is not ready")
            account = provision(service_settings.postgres, "owner@example.com", ["Лавка"])
            [outlet] = account["outlets"]
            yield Running(url, account["owner_token"], outlet["till_token"], outlet["outlet_id"])
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    return False


def test_the_description_that_is_checked_in_is_current() -> None:
    """docs/api/openapi.json is what the code generates: else `python -m webapp.openapi > docs/api/openapi.json`."""
    assert CHECKED_IN.read_text() == openapi.text()


def test_every_route_is_described_and_every_description_has_its_route(service_settings: Settings) -> None:
    """The paths of the description are those that the gateway and the portal route, no more and no less."""
    app = web.application(
        "all", service_settings, services_of("127.0.0.1:1", "postgresql://127.0.0.1:1/none"), "http://x.test"
    )
    routed = {re.sub(r":\w+}", "}", route.path) for route in app.routes if hasattr(route, "path")}
    ours = {path for path in routed if path.startswith("/api/v1/") and "{rest}" not in path}
    assert {path for path in ours if not path.startswith("/api/v1/uploads/1c")} == set(  # that one is 1С's own protocol
        openapi.document()["paths"]
    )


def test_uploads_are_answered_as_described(running: Running) -> None:
    """Each kind of answer of the upload API has the shape that the description gives for its status."""
    good = {"run": str(uuid.uuid4()), "first_seq": 1, "events": [_SALE]}
    bad = {**good, "events": [{**_SALE, "lines": []}, {"type": "nonsense"}]}
    till = {"Authorization": f"Bearer {running.till_token}"}
    sent: list[tuple[str, str, dict[str, Any], int]] = [
        ("POST", "/api/v1/uploads", {"json": good, "headers": till}, 202),
        ("POST", "/api/v1/uploads", {"json": bad, "headers": till}, 422),
        ("POST", "/api/v1/uploads", {"json": bad, "headers": till, "params": {"check": 1}}, 200),
        ("POST", "/api/v1/uploads", {"json": good}, 401),
        ("POST", "/api/v1/uploads", {"content": b"{", "headers": {**till, "Content-Type": "application/json"}}, 400),
        ("POST", "/api/v1/uploads", {"content": b"x", "headers": {**till, "Content-Type": "text/plain"}}, 415),
        ("GET", "/api/v1/uploads/state", {"params": {"run": good["run"]}, "headers": till}, 200),
        ("GET", "/api/v1/uploads/state", {"headers": till}, 422),
    ]
    description = openapi.document()
    for method, path, request, status in sent:
        answer = httpx.request(method, running.url + path, timeout=30, **request)
        assert answer.status_code == status, (path, answer.text)
        said = description["paths"][path][method.lower()]["responses"][str(status)]
        schema = {**said["content"]["application/json"]["schema"], "components": description["components"]}
        Draft202012Validator(schema).validate(answer.json())


def test_whatever_is_asked_is_answered_as_described(running: Running) -> None:
    """Generated calls, valid and broken, of every operation: a described status, its shape, and never 5xx."""
    schema = schemathesis.openapi.from_url(f"{running.url}/api/openapi.json")
    for operation in (found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)):
        _fuzz(operation, running, GenerationMode.POSITIVE)
        if operation.query or operation.body:
            _fuzz(operation, running, GenerationMode.NEGATIVE)


def _fuzz(operation: Any, running: Running, mode: GenerationMode) -> None:
    token = running.till_token if "uploads" in operation.path else running.owner_token

    @hypothesis_settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), ours=st.booleans())
    def call(case: Any, ours: bool) -> None:
        if ours and "outlet_id" in (case.path_parameters or {}):
            case.path_parameters["outlet_id"] = running.outlet
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    call()


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            if name == "href" and value and value.startswith("#"):
                self.targets.add(value[1:])


def test_the_readable_page_is_served_without_scripts(running: Running) -> None:
    """/api/docs shows every call, its links lead somewhere, and its policy allows no script."""
    answer = httpx.get(f"{running.url}/api/docs", timeout=60)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "<script" not in answer.text
    parsed = _Ids()
    parsed.feed(answer.text)
    assert parsed.targets <= parsed.ids
    served = json.loads(httpx.get(f"{running.url}/api/openapi.json", timeout=60).text)
    assert all(f"<code>{path}</code>" in answer.text for path in served["paths"])


_SALE = {
    "type": "sale.registered",
    "at": "2026-03-02T12:00:00+03:00",
    "sale_id": "s1",
    "number": "1",
    "lines": [{"good_id": "g1", "name": "Чай", "quantity": "1", "price": "10.00"}],
    "payments": [{"method": "cash", "amount": "10.00"}],
}
