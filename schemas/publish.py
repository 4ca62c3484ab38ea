"""The published schemas: JSON Schema (2020-12) of the upload, of each event and of log records, AsyncAPI 3, and a page.

Generated from the structs that the gateway decodes with, so they say what it accepts, with what JSON Schema can't say
left out: the size in bytes, that event numbers end at 2^53 - 1 (`first_seq` does), 29 February of common years, moments
within a day of 1970 and 2200, and `1.0`, which is an integer to JSON Schema but not to the gateway.

`python -m schemas.publish` writes `schemas/published/` and docs/events.md, unless that would break what was published.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from schemas import eventpage
from schemas.asyncapi import asyncapi
from schemas.compatibility import breaking_changes
from schemas.limits import MAX_BYTES, MAX_EVENTS
from schemas.private import PRIVATE_FIELDS
from schemas.records import Record
from schemas.upcasting import VERSION
from schemas.uploads import Upload
from schemas.wire import WireEvent, wire_type

FOLDER = Path(__file__).parent / "published"
PAGE = FOLDER.parents[1] / "docs" / "events.md"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_END = r"(?![\s\S])"
_WITHOUT_NUL = r"^[^\u0000]*" + _END
_UUID = r"^([0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{32})" + _END
_AT = (
    r"^(19[7-9][0-9]|2[01][0-9]{2})-"
    r"((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))"
    r"[Tt ]([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]+)?([Zz]|[+-](0[0-9]|1[0-5]):?[0-5][0-9])" + _END
)
# The names match in any letter case, which JSON Schema's regular expressions can only say letter by letter.
_PRIVATE = "|".join("".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in name) for name in sorted(PRIVATE_FIELDS))
_DROPPED = {f"^({_PRIVATE}){_END}": {"description": "Contact data: dropped before anything is written."}}


def documents() -> dict[str, str]:
    """File name → text of every published document."""
    kinds = {member.__struct_config__.tag: member for member in WireEvent.__args__}
    found = {
        "upload.json": _schema(Upload, "An upload: the body of POST /api/v1/uploads", _as_sent),
        "record.json": _schema(wire_type(Record), f"A log record, version {VERSION}", _as_kept),
        **{f"{kind}.json": _schema(member, f"The event {kind}", _as_sent) for kind, member in kinds.items()},
    }
    found["asyncapi.json"] = asyncapi(found["record.json"])
    return {name: json.dumps(document, ensure_ascii=False, indent=2) + "\n" for name, document in found.items()}


def _schema(kind: Any, title: str, finish: Callable[[str, dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    generated = msgspec.json.schema(kind)
    definitions = {name: finish(name, value) for name, value in sorted(generated.pop("$defs").items())}
    return {"$schema": _DIALECT, "title": title, **generated, "$defs": definitions}


def _as_sent(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """A definition with what the gateway checks, or drops, beyond the types."""
    value = _with_texts_bounded(value)
    value["patternProperties"] = _DROPPED
    if name == "Upload":
        value["description"] = f"At most {MAX_BYTES} bytes unpacked. The events first_seq, first_seq + 1, … of a run."
        value["properties"]["events"] |= {"minItems": 1, "maxItems": MAX_EVENTS}
    return value


def _as_kept(_: str, value: dict[str, Any]) -> dict[str, Any]:
    return value


def _with_texts_bounded(value: Any) -> Any:
    match value:
        case dict() if value.get("type") == "string":
            pattern = {"uuid": _UUID, "date-time": _AT}.get(value.get("format", ""), _WITHOUT_NUL)
            return {**value, "pattern": value.get("pattern", pattern)}
        case dict():
            return {key: _with_texts_bounded(item) for key, item in value.items()}
        case list():
            return [_with_texts_bounded(item) for item in value]
        case _:
            return value


def main() -> int:
    """Rewrites the published files; 1 and nothing written where a change would refuse what was accepted before."""
    found = documents()
    broken = [
        f"{name}: {change}"
        for name, text in found.items()
        if name != "asyncapi.json" and (FOLDER / name).exists()
        for change in breaking_changes(json.loads((FOLDER / name).read_text()), json.loads(text))
    ]
    if broken:
        sys.stderr.write("\n".join(broken) + "\nA breaking change needs a new version and an upcasting step.\n")
        return 1
    for name, text in found.items():
        (FOLDER / name).write_text(text)
    PAGE.write_text(eventpage.page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
