"""AsyncAPI 3 of the log: its topics, and the records that stand in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from schemas.topics import Topics
from schemas.upcasting import VERSION


def asyncapi(record: dict[str, Any]) -> dict[str, Any]:
    """The log's topics and the records in them. Schemas are those of record.json, under `components`."""
    kinds = record["discriminator"]["mapping"]
    schemas = json.loads(json.dumps(record["$defs"]).replace("#/$defs/", "#/components/schemas/"))
    names = {kind: ref.rsplit("/", 1)[1] for kind, ref in kinds.items()}
    key = {"type": "string", "format": "uuid", "description": "The outlet's id; it decides the partition."}
    headers = {
        "type": "object",
        "description": "As UTF-8 text; all but kind and outlet only where the record is about a run.",
        "properties": {
            name: {"type": "string"}
            for name in ("kind", "outlet", "till", "run", "first_seq", "count", "source_offset")
        },
        "required": ["kind", "outlet"],
    }
    messages = {
        name: {
            "name": kind,
            "title": schemas[name]["description"],
            "contentType": "application/json",
            "headers": headers,
            "payload": {"$ref": f"#/components/schemas/{name}"},
            "bindings": {"kafka": {"key": key}},
        }
        for kind, name in names.items()
    }
    topics = Topics()
    every = sorted(names.values())
    came_in = [name for name in every if name != "Unreadable"]
    channels = [
        (topics.uploads, "As it came in, names of people included; deleted after days.", came_in),
        (topics.events, "Without contact data; kept for ever, the only thing ever replayed.", every),
        (topics.unreadable, "Raw intake records that could not be read, until resolved.", []),
    ]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Веб-офис: the log",
            "version": str(VERSION),
            "description": "Topic names carry the installation's prefix in front.",
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name, said, held) for name, said, held in channels},
        "operations": {
            **_operation("takeUpload", "send", topics.uploads, "The gateway writes each acknowledged upload."),
            **_operation("anonymise", "receive", topics.uploads, "Names are shortened here."),
            **_operation("keep", "send", topics.events, "Only `anonymise` writes here."),
            **_operation("project", "receive", topics.events, "Folded into the read models."),
            **_operation("setAside", "send", topics.unreadable, "What `anonymise` could not read."),
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def _channel(name: str, description: str, messages: Iterable[str]) -> dict[str, Any]:
    return {
        "address": name,
        "description": description,
        "messages": {message: {"$ref": f"#/components/messages/{message}"} for message in messages},
    }


def _operation(name: str, action: str, channel: str, summary: str) -> dict[str, Any]:
    return {name: {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}}
