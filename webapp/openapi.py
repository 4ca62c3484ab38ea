"""The description of both APIs, OpenAPI 3.1, at `/api/openapi.json`.

It is checked in as `docs/api/openapi.json`; `python -m webapp.openapi > docs/api/openapi.json` writes it anew.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import resources
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from webapp import readapi
from webapp.readapi import shapes
from webapp.readapi.resource import Resource

_UUID = {"type": "string", "format": "uuid"}
_OUTLET_PATH = {"name": "outlet_id", "in": "path", "required": True, "schema": _UUID}
_REFUSALS = {
    "400": "Not JSON, or broken gzip",
    "401": "No valid token",
    "402": "The licence of the outlet has expired",
    "403": "The outlet is disabled, or whoever made the token may not read figures any more",
    "404": "No such outlet, sale or good",
    "408": "The body did not come in time",
    "413": "Over 8 MiB unpacked, or over 500 events",
    "415": "Not application/json, or an unknown encoding",
    "422": "Does not fit the schema, or a parameter that does not fit",
    "429": "Over the till's or the account's rate; see Retry-After",
    "503": "Not available now; see Retry-After",
    "504": "It took too long; ask for less",
}


def document() -> dict[str, Any]:
    """The whole description."""
    answers = [resource.answer for resource in readapi.RESOURCES]
    parts = [*answers, shapes.Failure, shapes.Accepted, shapes.CheckResult, shapes.RunState]
    shaped, schemas = msgspec.json.schema_components(parts, ref_template="#/components/schemas/{name}")
    upload, sent = _upload()
    reads = {
        _path(resource): {"get": _read(resource, schema)}
        for resource, schema in zip(readapi.RESOURCES, shaped, strict=False)
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Weboffice",  # ASCII: programs name packages after it
            "version": "1",
            "description": "Веб-офис: tills send uploads; owners' programs read the figures that the portal shows."
            " Dates are inclusive local days of the outlet; money and quantities are strings.",
        },
        "servers": [{"url": "/", "description": "The service that serves this description"}],
        "tags": [
            {"name": "uploads", "description": "What tills send"},
            {"name": "figures", "description": "What owners' programs read"},
        ],
        "paths": {"/api/v1/uploads": _uploads(upload), "/api/v1/uploads/state": _state(), **reads},
        "components": {
            "schemas": schemas | sent,
            "securitySchemes": {
                "till": {"type": "http", "scheme": "bearer", "description": "A till's token, wo_till_…"},
                "owner": {"type": "http", "scheme": "bearer", "description": "An owner's token, wo_owner_…"},
            },
        },
    }


def _upload() -> tuple[str, dict[str, Any]]:
    """The reference to the upload, and what is sent in it. Their names begin with `Till`, titles included: a good's
    fields in an answer and those in an event have one name else, and a program can't have both."""
    published = (resources.files("schemas") / "published" / "upload.json").read_text()
    upload = json.loads(published.replace("#/$defs/", "#/components/schemas/Till"))
    return upload["$ref"], {
        f"Till{name}": {**schema, "title": f"Till{name}"} for name, schema in upload["$defs"].items()
    }


def _path(resource: Resource) -> str:
    return readapi.ROOT + resource.path.replace(":anything", "")


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


def _read(resource: Resource, schema: dict[str, Any]) -> dict[str, Any]:
    in_path = re.findall(r"{(\w+)}", _path(resource))
    ids = [_OUTLET_PATH if name == "outlet_id" else _text_in_path(name) for name in in_path]
    query = [{"name": name, "in": "query", "schema": kind} for name, kind in resource.parameters.items()]
    refusals = ("401", "402", "403", "404", "422", "429", "503", "504") if in_path else ("401", "403", "429", "503")
    return {
        "operationId": resource.operation,
        "tags": ["figures"],
        "summary": resource.summary,
        "security": [{"owner": []}],
        "parameters": [*ids, *query],
        "responses": _answers("200", "The figures", schema, *refusals),
    }


def _text_in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _uploads(schema: str) -> dict[str, Any]:
    return {
        "post": {
            "operationId": "send_upload",
            "tags": ["uploads"],
            "summary": "Send a batch of events; answered only once all of it is acknowledged",
            "description": "With `check=1` the batch is only looked at and nothing is written.",
            "security": [{"till": []}],
            "parameters": [
                {"name": "check", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 1}},
                {"name": "Content-Encoding", "in": "header", "schema": {"enum": ["gzip"]}},
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": schema}}}},
            "responses": _answers("200", "Looked at (`check=1`)", _reference("CheckResult"))
            | _answers(
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
            "operationId": "get_run_state",
            "tags": ["uploads"],
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
