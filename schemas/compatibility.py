"""What a new version of a published JSON Schema refuses, or understands differently, that the old one accepted.

Covers what `schemas.publish` writes: objects, arrays, texts, integers, enumerations, unions and references.
Where widening can't be told from narrowing (another pattern or format), a change counts as breaking.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

_LEAST = ("minLength", "minItems", "minimum", "exclusiveMinimum")
_MOST = ("maxLength", "maxItems", "maximum", "exclusiveMaximum")
_SAME = ("pattern", "format", "const")
_VERSION = "v"
"""The version of a record: always written, whatever its schema says, and another one in each version."""
# Patterns that the contract itself changed, by what they end with. Narrowed: offsets beyond ±15:59 were acknowledged,
# and could not be written into any database afterwards. Widened: prices to 4 places, quantities to 6.
_AGREED = {
    r"[0-9]{1,13}(\.[0-9]{1,2})?(?![\s\S])": r"[0-9]{1,13}(\.[0-9]{1,4})?(?![\s\S])",
    r"[0-9]{1,12}(\.[0-9]{1,3})?(?![\s\S])": r"[0-9]{1,12}(\.[0-9]{1,6})?(?![\s\S])",
    r"([Zz]|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])(?![\s\S])": r"([Zz]|[+-](0[0-9]|1[0-5]):?[0-5][0-9])(?![\s\S])",
}


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """A sentence per change that breaks documents of the old schema; none where all of them still fit."""
    return list(_compare(old, new, "", old, new, frozenset()))


def _compare(
    old: Schema, new: Schema, at: str, old_root: Schema, new_root: Schema, on_the_way: frozenset[tuple[str, str]]
) -> Iterator[str]:
    refs = (old.get("$ref", ""), new.get("$ref", ""))
    if all(refs) and refs in on_the_way:  # a type within itself
        return
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    place = at or "the document"

    def inner(one: Schema, other: Schema, below: str) -> Iterator[str]:
        return _compare(one, other, f"{at}{below}", old_root, new_root, on_the_way | {refs})

    if "anyOf" in old or "anyOf" in new:
        old_members, new_members = _members(old, old_root), _members(new, new_root)
        for kind, member in old_members.items():
            if kind not in new_members:
                yield f"{place}: the type {kind} is gone"
            else:
                yield from inner(member, new_members[kind], f"<{kind}>" if len(old_members) > 2 else "")
        return
    if "type" in new and old.get("type") != new["type"]:
        yield f"{place}: the type is now {new['type']}, was {old.get('type', 'any')}"
        return
    yield from _narrowed(old, new, place)
    yield from _fields(old, new, place, at, inner)
    if "items" in new:
        yield from inner(old.get("items", {}), new["items"], "[]")


def _narrowed(old: Schema, new: Schema, place: str) -> Iterator[str]:
    for name in _LEAST:
        if name in new and (name not in old or new[name] > old[name]):
            yield f"{place}: {name} is now {new[name]}, was {old.get(name, 'not set')}"
    for name in _MOST:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{place}: {name} is now {new[name]}, was {old.get(name, 'not set')}"
    for name in _SAME:
        if name in new and new[name] != old.get(name) and not _agreed(old.get(name), new[name]):
            yield f"{place}: {name} is now {new[name]!r}, was {old.get(name, 'not set')!r}"
    if "enum" in new:
        gone = [value for value in old.get("enum", ["any value"]) if value not in new["enum"]]
        if gone:
            yield f"{place}: no longer allowed: {gone}"


def _agreed(old: Any, new: Any) -> bool:
    """Whether one is the other as the contract changed it."""
    return isinstance(old, str) and any(
        old.endswith(former) and new == old.removesuffix(former) + present for former, present in _AGREED.items()
    )


def _fields(old: Schema, new: Schema, place: str, at: str, inner: Any) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    dot = "." if at else ""
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{place}: the field {name} is now required"
    for name, schema in before.items():
        if name in after:
            yield from inner(schema, after[name], f"{dot}{name}")
            told = name in (*old.get("required", ()), _VERSION)
            if not told and schema.get("default") != after[name].get("default"):
                yield f"{at}{dot}{name}: left out, it now means {after[name].get('default')!r}"
        elif new.get("additionalProperties") is False:
            yield f"{place}: the field {name} is gone"
    if new.get("additionalProperties") is False and old.get("additionalProperties", True) is not False:
        yield f"{place}: other fields are no longer allowed"
    for pattern in old.get("patternProperties", {}):
        if pattern not in new.get("patternProperties", {}) and new.get("additionalProperties") is False:
            yield f"{place}: fields named like {pattern[:40]} are no longer allowed"


def _resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Any = root
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}


def _members(schema: Schema, root: Schema) -> dict[str, Schema]:
    """The members of a union by what tells them apart: a tagged struct's tag, else the JSON type."""
    found = {}
    tag = schema.get("discriminator", {}).get("propertyName")
    for member in schema.get("anyOf", [schema]):
        resolved = _resolved(member, root)
        field = tag or next((name for name in ("type", "kind") if name in resolved.get("properties", {})), "")
        values = resolved.get("properties", {}).get(field, {}).get("enum")
        found[str(values[0]) if values else str(resolved.get("type", "enum"))] = member
    return found


def main(old: str, new: str) -> int:
    """Compares two files; 1 where the new one breaks the old one."""
    broken = breaking_changes(json.loads(Path(old).read_text()), json.loads(Path(new).read_text()))
    sys.stdout.writelines(f"{change}\n" for change in broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
