"""The description of the APIs is valid, and real answers have the shapes it gives."""

from __future__ import annotations

import typing
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from msgspec import Struct

from tests.webapp.shop import Shop, counted, good, sale
from webapp import openapi
from webapp.readapi import RESOURCES
from webapp.readapi.resource import Resource


async def _description(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/api/openapi.json")).json()
    return found


async def test_schemas_are_valid(client: httpx.AsyncClient) -> None:
    """Each schema is a valid JSON Schema and each reference leads somewhere."""
    description = await _description(client)
    assert description["openapi"].startswith("3.1")
    schemas = description["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    references = set(_references(description))
    assert references <= {f"#/components/schemas/{name}" for name in schemas}
    assert {"/api/v1/uploads", "/api/v1/uploads/state", "/api/v1/outlets"} <= description["paths"].keys()


def _references(value: Any) -> Any:
    match value:
        case {"$ref": str() as reference}:
            yield reference
        case dict():
            for item in value.values():
                yield from _references(item)
        case list():
            for item in value:
                yield from _references(item)


def test_names_are_unique() -> None:
    """A program that is made of the description has one model, one call and one package for each name in it."""
    description = openapi.document()
    titles = [schema["title"] for schema in description["components"]["schemas"].values()]
    assert len(set(titles)) == len(titles)
    operations = [one["operationId"] for path in description["paths"].values() for one in path.values()]
    assert len(set(operations)) == len(operations)
    assert all(name.isidentifier() and name.isascii() for name in (*operations, description["info"]["title"]))
    assert [server["url"] for server in description["servers"]] == ["/"]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.operation)
def test_calls_return_what_describes_them(resource: Resource) -> None:
    """The type that a call returns, which the type checker holds it to, is a struct of the description or a list of
    them; no call returns anything that has no shape."""
    answer = resource.answer
    shape = typing.get_args(answer)[0] if typing.get_origin(answer) is list else answer
    assert issubclass(shape, Struct)
    assert shape.__name__ in openapi.document()["components"]["schemas"]
    assert "typing.Any" not in str(typing.get_type_hints(shape))


@pytest.mark.asvs("V15.3.1", "a call answers with more than its description says")
async def test_answers_have_their_shapes(client: httpx.AsyncClient, postgres: str) -> None:
    """What the read API answers, refusals included, is what its description says, field by field."""
    shop = Shop(postgres)
    contact = {"contact_id": "c1", "name": "Бобров Б.Б.", "purchases_total": "1", "debt": "-1", "points": "2.5"}
    back = {"return_id": "r1", "sale_id": "s1", "refunds": [{"method": "cash", "amount": "1"}]}
    shop.send(
        good("g1", "Чай", extra=[{"name": "Сорт", "value": "1"}]),
        counted("g1", "-2.50"),
        sale("s1", "2026-11-20T10:00:00+03:00", ("g1", "1", "10")),
        {"type": "sale.returned", "at": "2026-11-20T11:00:00+03:00", **back, "lines": [_returned()]},
        {"type": "contact.saved", "at": "2026-11-20T11:00:00+03:00", **contact},
    )
    description = await _description(client)
    ids = {"outlet_id": shop.outlet, "sale_id": "s1", "good_id": "g1"}
    for path, operations in description["paths"].items():
        if "get" not in operations or path.startswith("/api/v1/uploads"):
            continue
        for query, token in (("", shop.token), ("?limit=0&from=x", shop.token), ("", "nonsense")):
            answer = await client.get(path.format(**ids) + query, headers={"Authorization": f"Bearer {token}"})
            said = operations["get"]["responses"][str(answer.status_code)]
            schema = {**said["content"]["application/json"]["schema"], "components": description["components"]}
            Draft202012Validator(schema).validate(answer.json())


def _returned() -> dict[str, str]:
    return {"good_id": "g1", "quantity": "1", "amount": "1"}
