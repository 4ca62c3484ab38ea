"""A collection of requests for Postman (which Bruno opens, too), made of the OpenAPI description.

It is checked in as `docs/api/postman.json`; `python -m webapp.collection` writes it anew. Its variables are the
address, the tokens, and what stands in a path or has to be named.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec

from schemas.events.sale_registered import TYPE as SALE
from webapp.openapi import document

FILE = Path(__file__).parents[1] / "docs" / "api" / "postman.json"
_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_RUN = "7e0b9f7c-3f0e-4a55-9d0c-2f1f0a6f1c11"
_VARIABLES = {
    "url": "http://127.0.0.1:8080",
    "till_token": "",
    "owner_token": "",
    "outlet_id": "",
    "run": _RUN,
    "from": "2026-03-01",
    "to": "2026-03-31",
    "sale_id": "1",
    "good_id": "tea-1",
}


def collection() -> dict[str, Any]:
    """The collection, with a folder for each tag of the description."""
    description = document()
    requests: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in description["tags"]}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            requests[operation["tags"][0]].append(_request(path, method, operation))
    folders = [
        {"name": tag["name"], "description": tag["description"], "item": requests[tag["name"]]}
        for tag in description["tags"]
    ]
    return {
        "info": {"name": "Веб-офис", "description": description["info"]["description"], "schema": _SCHEMA},
        "variable": [{"key": name, "value": value} for name, value in _VARIABLES.items()],
        "item": folders,
    }


def _request(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    raw = "{{url}}" + re.sub(r"{(\w+)}", r"{{\1}}", path)
    query = [_query(parameter) for parameter in operation["parameters"] if parameter["in"] == "query"]
    enabled = "&".join(f"{each['key']}={each['value']}" for each in query if not each["disabled"])
    [[scheme]] = operation["security"]
    request: dict[str, Any] = {
        "method": method.upper(),
        "description": operation.get("description", operation["summary"]),
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": f"{{{{{scheme}_token}}}}", "type": "string"}]},
        "header": [],
        "url": {
            "raw": raw + (f"?{enabled}" if enabled else ""),
            "host": ["{{url}}"],
            "path": raw.removeprefix("{{url}}/").split("/"),
            "query": query,
        },
    }
    if "requestBody" in operation:
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        request["body"] = {"mode": "raw", "raw": _upload(), "options": {"raw": {"language": "json"}}}
    return {"name": operation["summary"], "request": request}


def _query(parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter; what may be left out is switched off, but for the days of a figure."""
    name = parameter["name"]
    used = parameter.get("required", False) or name in ("from", "to")
    value = f"{{{{{name}}}}}" if name in _VARIABLES else str(parameter["schema"].get("default", ""))
    return {"key": name, "value": value, "disabled": not used}


def _upload() -> str:
    upload = {"run": "{{run}}", "first_seq": 1, "events": [json.loads(msgspec.json.encode(SALE.example))]}
    return json.dumps(upload, ensure_ascii=False, indent=2)


def text() -> str:
    """The collection as it is checked in."""
    return json.dumps(collection(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
