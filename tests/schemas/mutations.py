"""Small changes to JSON documents and to bytes, for tests of what decoders refuse."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

_VALUES = st.sampled_from(
    [None, True, 0, 1, -1, 2**53, 2**63, 10**30, 1.5, "", "0", "-0", "1", "-1", "1.005", "1.0000", "1e3", "١", "0.000"]
    + [" 1", "1 ", "1\n", "+1", ".5", "5.", "NaN", "9" * 14, "9" * 12, "x" * 128, "x" * 129, "x" * 500, "x" * 501]
    + ["1.00005", "1.0000005", "20/120", "20/0", "none"]
    + ["x" * 2001, "\0", "a\0b", "cash", "receipt", "sale.registered", "good.unheard_of", [], {}, [[]], [{}]]
    + ["2024-03-30T10:00:00Z", "2024-03-30T10:00:00", "2024-03-30", "2024-02-30T10:00:00Z", "2024-13-01T10:00:00Z"]
    + ["2024-03-30T10:00:00+0300", "2024-03-30 10:00:00z", "2024-03-30T10:00:00+24:00", "2024-03-30T24:00:00Z"]
    + ["1950-01-01T00:00:00Z", "2300-01-01T00:00:00Z", "0001-01-01T00:00:00Z"]
    + ["5B0C0000-0000-4000-8000-00000000000F", "{5b0c0000-0000-4000-8000-000000000000}", "5b0c0000"]
)
_FIELDS = st.sampled_from(
    [
        "type",
        "at",
        "name",
        "discount",
        "warehouse_id",
        "rounding",
        "kind",
        "tax",
        "rate",
        "cost",
        "fiscal",
        "unheard_of",
        "email",
        "Phone",
        "TEL",
        "card_number",
        "phonee",
        "",
    ]
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places in a document."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in items for found in _paths(item, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn, document: Any) -> Any:
    """The document with one value replaced or dropped, one field added, or one list entry repeated."""
    document = copy.deepcopy(document)
    *parents, last = draw(st.sampled_from(_paths(document)[1:]))
    parent = document
    for step in parents:
        parent = parent[step]
    match draw(st.sampled_from(["replace", "drop", "add", "repeat"])):
        case "replace":
            parent[last] = draw(_VALUES)
        case "drop":
            del parent[last]
        case "add" if isinstance(parent[last], dict):
            parent[last][draw(_FIELDS)] = draw(_VALUES)
        case "add" if isinstance(parent, dict):
            parent[draw(_FIELDS)] = draw(_VALUES)
        case "repeat" if isinstance(parent[last], list):
            parent[last] = parent[last] * draw(st.sampled_from([2, 501]))
        case _:
            parent[last] = draw(_VALUES)
    return document


@st.composite
def mutated_bytes(draw: st.DrawFn, body: bytes) -> bytes:
    """The bytes with a few of them changed, cut out, repeated or swapped for others."""
    found = bytearray(body)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(found)))
        end = min(len(found), start + draw(st.integers(0, 12)))
        found[start:end] = draw(
            st.binary(max_size=12) | st.just(bytes(found[start:end] * 2)) | st.sampled_from(_TOKENS)
        )
    return bytes(found)


_TOKENS = [
    b"null",
    b"[]",
    b"{}",
    b'"',
    b"\\u0000",
    b"\\ud800",
    b"\xed\xa0\x80",
    b"1e999",
    b"9" * 400,
    b"[" * 5000,
    b"NaN",
]
