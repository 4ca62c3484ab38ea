"""What stands in the log, held against its description schemas/published/asyncapi.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from aiokafka import ConsumerRecord
from jsonschema import Draft7Validator

from schemas.publish import FOLDER

_DOCUMENT = json.loads((FOLDER / "asyncapi.json").read_text())


def names_of_messages(channel: str, records: Iterable[ConsumerRecord]) -> set[str]:
    """The messages that the records are; each must be exactly one of its channel's, with its key and its headers."""
    messages = list(_DOCUMENT["channels"][channel]["messages"])
    found = set()
    for record in records:
        fitting = [name for name in messages if _fits(_DOCUMENT["components"]["messages"][name], record)]
        assert len(fitting) == 1, (channel, record.headers, record.value[:300], fitting)
        found.update(fitting)
    return found


def _fits(message: dict[str, Any], record: ConsumerRecord) -> bool:
    headers = {name: value.decode() for name, value in record.headers}
    Draft7Validator({**message["headers"], "components": _DOCUMENT["components"]}).validate(headers)
    Draft7Validator(message["bindings"]["kafka"]["key"]).validate(record.key.decode())
    assert headers["outlet"] == record.key.decode()
    if message["contentType"] != "application/json":
        return True
    schema = {**message["payload"], "components": _DOCUMENT["components"]}
    return bool(Draft7Validator(schema).is_valid(json.loads(record.value)))
