"""AsyncAPI 3 of the log: its topics, and the records that stand in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from schemas.topics import Topics
from schemas.upcasting import VERSION

_KEY = {"type": "string", "format": "uuid", "description": "The outlet's id; it decides the partition."}
_NUMBER = {"type": "string", "pattern": "^[0-9]+$"}
_ID = {"type": "string", "format": "uuid"}
_HEADERS = {
    "type": "object",
    "description": "As UTF-8 text. They repeat who and how many, for records that can't be decoded.",
    "properties": {
        "kind": {"type": "string", "description": "That of the record; a stub keeps the kind of what it stands for."},
        "outlet": _ID,
        "till": _ID,
        "run": _ID,
        "first_seq": _NUMBER,
        "count": _NUMBER,
        "source_offset": {**_NUMBER, "description": "Of the record in `uploads` that this one was made from."},
        "source_topic_id": {**_ID, "description": "Of the `uploads` that `source_offset` counts in."},
    },
    "required": ["kind"],
    "dependencies": {name: ["till", "run", "first_seq", "count"] for name in ("till", "run", "first_seq", "count")},
}


def asyncapi(record: dict[str, Any]) -> dict[str, Any]:
    """The log's topics and the records in them. Schemas are those of record.json, under `components`."""
    kinds = record["discriminator"]["mapping"]
    schemas = _named_discriminators(
        json.loads(json.dumps(record["$defs"]).replace("#/$defs/", "#/components/schemas/"))
    )
    names = {kind: ref.rsplit("/", 1)[1] for kind, ref in kinds.items()}
    messages = {
        name: {
            "name": kind,
            "title": schemas[name]["description"],
            "contentType": "application/json",
            "headers": {"$ref": "#/components/schemas/Headers"},
            "payload": {"$ref": f"#/components/schemas/{name}"},
            "bindings": {"kafka": {"key": _KEY}},
        }
        for kind, name in names.items()
    }
    messages["Raw"] = {
        "title": "A record as it came in, byte for byte, that `anonymise` could not read.",
        "contentType": "application/octet-stream",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {"description": "Whatever came in."},
        "bindings": {"kafka": {"key": _KEY}},
    }
    topics = Topics()
    every = sorted(names.values())
    came_in = [name for name in every if name not in ("Unreadable", "LogAdopted")]
    channels = [
        (topics.uploads, "As it came in, names of people included; deleted after days.", came_in),
        (topics.events, "Without contact data; kept for ever, the only thing ever replayed.", every),
        (topics.unreadable, "Raw intake records that could not be read, until resolved.", ["Raw"]),
    ]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Веб-офис: the log",
            "version": str(VERSION),
            "description": "Topic names carry the installation's prefix in front.",
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name, description, messages) for name, description, messages in channels},
        "operations": {
            **_operation("takeUpload", "send", topics.uploads, "The gateway writes each acknowledged upload."),
            **_operation("anonymise", "receive", topics.uploads, "Names are shortened here."),
            **_operation(
                "keep",
                "send",
                topics.events,
                "`anonymise` writes here, and `weboffice log`.",
            ),
            **_operation("project", "receive", topics.events, "Folded into the read models."),
            **_operation("setAside", "send", topics.unreadable, "What `anonymise` could not read."),
        },
        "components": {"messages": messages, "schemas": {**schemas, "Headers": _HEADERS}},
    }


def _named_discriminators(value: Any) -> Any:
    """OpenAPI's discriminator is an object that names the field; AsyncAPI's is the field's name."""
    match value:
        case {"discriminator": {"propertyName": str(name)}, **rest}:
            return {**_named_discriminators(rest), "discriminator": name}
        case dict():
            return {key: _named_discriminators(item) for key, item in value.items()}
        case list():
            return [_named_discriminators(item) for item in value]
        case _:
            return value


def _channel(name: str, description: str, messages: Iterable[str]) -> dict[str, Any]:
    return {
        "address": name,
        "description": description,
        "messages": {message: {"$ref": f"#/components/messages/{message}"} for message in messages},
    }


def _operation(name: str, action: str, channel: str, summary: str) -> dict[str, Any]:
    return {name: {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}}
