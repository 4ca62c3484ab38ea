"""The published schemas say what the gateway does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from schemas import eventpage
from schemas.errors import UploadRefused
from schemas.publish import FOLDER, PAGE, documents
from schemas.records import encode
from schemas.uploads import parse
from tests.schemas.mutations import mutated
from tests.schemas.strategies import records, wire_events
from tests.schemas.values import any_id, few_ids

UPLOAD = Draft202012Validator(json.loads((FOLDER / "upload.json").read_text()))
RECORD = Draft202012Validator(json.loads((FOLDER / "record.json").read_text()))
RUN = "5b0c0000-0000-4000-8000-000000000000"


def test_the_published_files_are_current() -> None:
    """`make schemas` would change nothing, and no file is left over."""
    assert PAGE.read_text() == eventpage.page()
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json") if "baseline" not in path.name} == documents()


def test_the_page_reads_as_markdown() -> None:
    """Tables have one line a row, and no text is set in by chance, which Markdown takes for code."""
    outside = re.sub(r"```json.*?```", "", eventpage.page(), flags=re.S).splitlines()
    assert [line for line in outside if line.startswith(" ") or line.startswith("|") != line.endswith("|")] == []


@pytest.mark.parametrize("name", [name for name in documents() if name != "asyncapi.json"])
def test_each_is_a_json_schema(name: str) -> None:
    """Every published schema is valid JSON Schema 2020-12."""
    Draft202012Validator.check_schema(json.loads(documents()[name]))


def test_asyncapi_is_a_document_of_its_version() -> None:
    """asyncapi.json passes the JSON Schema that AsyncAPI itself publishes for documents of version 3.0.0."""
    rules = json.loads((Path(__file__).parent / "vendor" / "asyncapi-3.0.0.json").read_text())
    faults = Draft7Validator(rules).iter_errors(json.loads(documents()["asyncapi.json"]))
    assert [(list(fault.absolute_path), fault.message[:200]) for fault in faults] == []


def test_asyncapi_names_every_topic_and_record() -> None:
    """Every reference in asyncapi.json leads somewhere, and its payloads are those of record.json."""
    document = json.loads(documents()["asyncapi.json"])
    assert document["asyncapi"] == "3.0.0"
    assert list(document["channels"]) == ["uploads", "events", "unreadable"]
    for ref in _refs(document):
        found: Any = document
        for step in ref.removeprefix("#/").split("/"):
            found = found[step]
    assert "UploadRecord" in document["components"]["messages"]


def _refs(value: Any) -> list[str]:
    match value:
        case {"$ref": str(ref)}:
            return [ref]
        case dict():
            return [ref for item in value.values() for ref in _refs(item)]
        case list():
            return [ref for item in value for ref in _refs(item)]
        case _:
            return []


uploads = st.fixed_dictionaries(
    {
        "run": st.uuids().map(str) | st.just(RUN.replace("-", "")),
        "first_seq": st.integers(1, 2**53 - 1 - 500),
        "events": st.lists(wire_events(few_ids | any_id), min_size=1, max_size=3),
    }
)


@given(uploads)
def test_both_accept_what_tills_send(upload: dict[str, Any]) -> None:
    """Every upload that the strategies make is accepted by the schema and by the gateway's parser."""
    UPLOAD.validate(upload)
    parse(json.dumps(upload).encode())


@given(uploads.flatmap(mutated))
def test_both_refuse_the_same(upload: Any) -> None:
    """An upload that was changed anywhere is accepted by both or refused by both."""
    if UPLOAD.is_valid(upload):
        parse(json.dumps(upload).encode())
    else:
        with pytest.raises(UploadRefused):
            parse(json.dumps(upload).encode())


EVENTS = {
    path.stem: Draft202012Validator(json.loads(path.read_text()))
    for path in FOLDER.glob("*.json")
    if path.name.count(".") == 2
}


@given(wire_events())
def test_each_event_has_a_schema_of_its_own(event: dict[str, Any]) -> None:
    """An event fits the schema of its type, and of no other."""
    assert [kind for kind, schema in EVENTS.items() if schema.is_valid(event)] == [event["type"]]


@given(records())
def test_log_records_fit_their_schema(record: Any) -> None:
    """What is encoded for the log fits record.json."""
    RECORD.validate(json.loads(encode(record)))
