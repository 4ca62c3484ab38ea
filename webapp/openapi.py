"""The description of both APIs, OpenAPI 3.1, at `/api/openapi.json`.

It is checked in as `docs/api/openapi.json`; `python -m webapp.openapi > docs/api/openapi.json` writes it anew.
"""

from __future__ import annotations

import json
import sys
from importlib import resources
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from webapp.readapi import shapes

_TEXT, _DAY, _UUID = {"type": "string"}, {"type": "string", "format": "date"}, {"type": "string", "format": "uuid"}
_AMOUNT = {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"}
_SHAPES: dict[str, Any] = {
    "/api/v1/outlets": list[shapes.Outlet],
    "/api/v1/outlets/{outlet_id}/daily": list[shapes.Day],
    "/api/v1/outlets/{outlet_id}/payments": list[shapes.MethodOfDay],
    "/api/v1/outlets/{outlet_id}/stock": shapes.Stock,
    "/api/v1/outlets/{outlet_id}/sales": shapes.Sales,
    "/api/v1/outlets/{outlet_id}/sales/{sale_id}": shapes.SaleCard,
    "/api/v1/outlets/{outlet_id}/goods/{good_id}": shapes.GoodCard,
    "/api/v1/outlets/{outlet_id}/contacts": shapes.Contacts,
}
_SUMMARIES = {
    "/api/v1/outlets": "The account's outlets with their totals",
    "/api/v1/outlets/{outlet_id}/daily": "Daily revenue, empty days left out",
    "/api/v1/outlets/{outlet_id}/payments": "Payment methods by day",
    "/api/v1/outlets/{outlet_id}/stock": "Goods on the lists and their stock, by name",
    "/api/v1/outlets/{outlet_id}/sales": "Sales, newest first",
    "/api/v1/outlets/{outlet_id}/sales/{sale_id}": "The card of a sale: the latest of that id unless `till` is given",
    "/api/v1/outlets/{outlet_id}/goods/{good_id}": "The card of a good",
    "/api/v1/outlets/{outlet_id}/contacts": "Contacts, by name",
}
_RANGE = {"from": _DAY, "to": _DAY}
_PAGE = {"after": _TEXT, "limit": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}}
_QUERY = {"query": {"type": "string", "maxLength": 200}}
_BOUNDS = ("purchases_min", "purchases_max", "debt_min", "debt_max", "points_min", "points_max")
_PARAMETERS: dict[str, dict[str, Any]] = {
    "/api/v1/outlets/{outlet_id}/daily": _RANGE,
    "/api/v1/outlets/{outlet_id}/payments": _RANGE,
    "/api/v1/outlets/{outlet_id}/stock": {**_QUERY, "min": _AMOUNT, "max": _AMOUNT, **_PAGE},
    "/api/v1/outlets/{outlet_id}/sales": {**_RANGE, **_PAGE},
    "/api/v1/outlets/{outlet_id}/sales/{sale_id}": {"till": _UUID},
    "/api/v1/outlets/{outlet_id}/contacts": {**_QUERY, **dict.fromkeys(_BOUNDS, _AMOUNT), **_PAGE},
}
_REFUSALS = {
    "400": "Not JSON, or broken gzip",
    "401": "No valid token",
    "402": "The licence of the outlet has expired",
    "403": "The outlet is disabled",
    "404": "No such outlet, sale or good",
    "408": "The body did not come in time",
    "413": "Over 8 MiB unpacked, or over 500 events",
    "415": "Not application/json, or an unknown encoding",
    "422": "Does not fit the schema, or a parameter that does not fit",
    "429": "Over the till's rate; see Retry-After",
    "503": "Not available now; see Retry-After",
}


def document() -> dict[str, Any]:
    """The whole description."""
    parts = [*_SHAPES.values(), shapes.Failure, shapes.Accepted, shapes.RunState]
    found, schemas = msgspec.json.schema_components(parts, ref_template="#/components/schemas/{name}")
    shaped = dict(zip(_SHAPES, found, strict=False))
    upload = json.loads(
        (resources.files("schemas") / "published" / "upload.json")
        .read_text()
        .replace("#/$defs/", "#/components/schemas/Till")
    )
    schemas |= {f"Till{name}": schema for name, schema in upload["$defs"].items()}
    reads = {path: {"get": _read(path, schema)} for path, schema in shaped.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Веб-офис",
            "version": "1",
            "description": "Tills send uploads; owners' programs read the figures that the portal shows. Dates are"
            " inclusive local days of the outlet; money and quantities are strings.",
        },
        "paths": {"/api/v1/uploads": _uploads(upload["$ref"]), "/api/v1/uploads/state": _state(), **reads},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "till": {"type": "http", "scheme": "bearer", "description": "A till's token, wo_till_…"},
                "owner": {"type": "http", "scheme": "bearer", "description": "An owner's token, wo_owner_…"},
            },
        },
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answers(status: str, text: str, schema: dict[str, Any], *refusals: str) -> dict[str, Any]:
    return {status: {"description": text, "content": {"application/json": {"schema": schema}}}} | {
        refused: {
            "description": _REFUSALS[refused],
            "content": {"application/json": {"schema": _reference("Failure")}},
        }
        for refused in refusals
    }


def _read(path: str, schema: dict[str, Any]) -> dict[str, Any]:
    in_path = [name.strip("{}") for name in path.split("/") if name.startswith("{")]
    kinds = {"outlet_id": _UUID}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": kinds.get(name, _TEXT)} for name in in_path
    ] + [{"name": name, "in": "query", "schema": kind} for name, kind in _PARAMETERS.get(path, {}).items()]
    refusals = ("401", "402", "404", "422", "503") if in_path else ("401", "503")
    return {
        "summary": _SUMMARIES[path],
        "security": [{"owner": []}],
        "parameters": parameters,
        "responses": _answers("200", "The figures", schema, *refusals),
    }


def _uploads(schema: str) -> dict[str, Any]:
    return {
        "post": {
            "summary": "Send a batch of events; answered only once all of it is acknowledged",
            "security": [{"till": []}],
            "parameters": [{"name": "Content-Encoding", "in": "header", "schema": {"enum": ["gzip"]}}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": schema}}}},
            "responses": _answers(
                "202",
                "Acknowledged",
                _reference("Accepted"),
                *("400", "401", "402", "403", "408", "413", "415", "422", "429", "503"),
            ),
        }
    }


def _state() -> dict[str, Any]:
    return {
        "get": {
            "summary": "How far a run is applied, what waits and what is missing",
            "security": [{"till": []}],
            "parameters": [{"name": "run", "in": "query", "required": True, "schema": _UUID}],
            "responses": _answers("200", "The run", _reference("RunState"), "401", "403", "422", "429", "503"),
        }
    }


def text() -> str:
    """The description as it is checked in."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


_encoded = msgspec.json.encode(document())


async def _describe(request: Request) -> Response:
    return Response(_encoded, media_type="application/json", headers={"Cache-Control": "public, max-age=300"})


routes: list[BaseRoute] = [Route("/api/openapi.json", _describe)]


if __name__ == "__main__":
    sys.stdout.write(text())
