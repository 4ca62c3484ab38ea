"""The collection of requests for Postman and Bruno is made of the OpenAPI description."""

from __future__ import annotations

import json
import re
from typing import Any

from schemas.uploads import check
from webapp import openapi
from webapp.collection import FILE, collection, text


def requests(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [item["request"] for folder in made["item"] for item in folder["item"]]


def test_the_collection_is_what_the_description_says() -> None:
    """docs/api/postman.json is what the code generates (else `make schemas`), with every call of the description."""
    assert FILE.read_text() == text()
    calls = {
        (request["method"].lower(), request["url"]["raw"].split("?")[0].replace("{{", "{").replace("}}", "}"))
        for request in requests(collection())
    }
    described = openapi.document()["paths"]
    assert calls == {(method, "{url}" + path) for path, methods in described.items() for method in methods}


def test_what_it_sends_can_be_sent() -> None:
    """Its upload is valid, and every variable that a request uses is there."""
    made = collection()
    variables = {each["key"]: each["value"] for each in made["variable"]}
    assert set(re.findall(r"{{(\w+)}}", text())) <= variables.keys()
    [body] = [request["body"]["raw"] for request in requests(made) if "body" in request]
    checked = check(body.replace("{{run}}", variables["run"]).encode())
    assert (checked.valid, checked.faults) == (1, [])
    assert json.loads(body)["events"][0]["type"] == "sale.registered"
