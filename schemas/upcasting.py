"""Old versions of a log record, brought step by step to the present one.

| version | what changed |
|---|---|
| 1 | the first trial: `tz` for the outlet's zone, `stock` for a line's warehouse |
| 2 | `zone`, `warehouse_id`; the contract's first edition |
| 3 | the second edition: more events and fields, `day_begins`, `imported`; what tills leave out is left out here, too |

A step takes the decoded JSON of one version and gives that of the next. Steps are append-only, like the log: a golden
record of every version is kept in the tests.
"""

from __future__ import annotations

from typing import Any

VERSION = 3
READ_ALIKE = (2,)
"""Earlier versions that mean the same, read as if they were of the present one: they only know less."""


def upcast(document: Any) -> Any:
    """The record's JSON in the present version. Raises `ValueError` for a version this program does not know."""
    version = document.get("v") if isinstance(document, dict) else None
    if type(version) is not int or not 1 <= version <= VERSION:
        shown = repr(version) if type(version) is int else f"of type {type(version).__name__}"  # it may be anything
        raise ValueError(f"version {shown} is not one of 1..{VERSION}")
    for step in _STEPS[version - 1 :]:
        document = step(document)
    return document


def _from_1_to_2(document: dict[str, Any]) -> dict[str, Any]:
    renamed = {"zone" if key == "tz" else key: value for key, value in document.items()}
    if isinstance(renamed.get("events"), list):
        renamed["events"] = [_lines_from_1_to_2(event) for event in renamed["events"]]
    return {**renamed, "v": 2}


def _from_2_to_3(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "v": 3}


def _lines_from_1_to_2(event: Any) -> Any:
    if not isinstance(event, dict) or not isinstance(event.get("lines"), list):
        return event
    lines = [
        {"warehouse_id" if key == "stock" else key: value for key, value in line.items()}
        if isinstance(line, dict)
        else line
        for line in event["lines"]
    ]
    return {**event, "lines": lines}


_STEPS = [_from_1_to_2, _from_2_to_3]
