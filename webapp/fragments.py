"""What of a live page changed: its parts (`data-part`) and their rows (`data-row`), told apart by digests. Pure.

A page says with which digests it was drawn; asking again it sends them along and gets the parts, or the rows, that have
others now. Markup is ours and escaped, so tags are found by their names; what does not fit is sent whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from urllib.parse import quote

from msgspec import UNSET, Struct, UnsetType

_PART = re.compile(r'<([a-z][a-z0-9]*)\b[^>]*\bdata-part="([^"]*)"[^>]*>')
_ROW = re.compile(r'<tr\b[^>]*\bdata-row="[^"]*"[^>]*>.*?</tr>', re.DOTALL)
_MAIN = re.compile(r"<main\b[^>]*>(.*)</main>", re.DOTALL)
_LIVE = re.compile(r'(<main\b[^>]*\bdata-live="[^"]*")')
_DIGEST_BYTES = 6


class Part(Struct, frozen=True):
    """A part as it was drawn. `rest` is all of it but its rows: which rows there are, and in which order, is rest."""

    name: str
    text: str
    rest: str
    rows: tuple[str, ...]

    @property
    def held(self) -> str:
        return f"{quote(self.name)}:{'.'.join((self.rest, *map(_digest, self.rows)))}"


class Changes(Struct, frozen=True, omit_defaults=True):
    """What to draw anew: `parts` by name, `rows` of others by part and place, or all of `main`. `held` is what the page
    holds then; it rests for `rest_ms` before it asks again."""

    held: str
    rest_ms: int
    parts: dict[str, str] = {}
    rows: dict[str, dict[int, str]] = {}
    main: str | UnsetType = UNSET


def marked(page: str) -> str:
    """The page, saying what it holds."""
    return _LIVE.sub(lambda match: f'{match[1]} data-held="{_held(list(_parts(page)))}"', page, count=1)


def changes(page: str, held: str, rest_ms: int) -> Changes:
    """What changed since the page held that."""
    parts = list(_parts(page))
    now = _held(parts)
    before = dict(one.split(":", 1) for one in held.split(";") if ":" in one)
    if list(before) != [quote(part.name) for part in parts]:
        main = _MAIN.search(page)
        return Changes(now, rest_ms, main=main[1] if main else UNSET)
    whole, by_row = {}, {}
    for part in parts:
        rest, *rows = before[quote(part.name)].split(".")
        if rest != part.rest or len(rows) != len(part.rows):
            whole[part.name] = part.text
        elif changed := {i: text for i, text in enumerate(part.rows) if _digest(text) != rows[i]}:
            by_row[part.name] = changed
    return Changes(now, rest_ms, whole, by_row)


def _parts(page: str) -> Iterator[Part]:
    """The parts in their order; one within another belongs to it."""
    at = 0
    while opening := _PART.search(page, at):
        at = _end(page, opening[1], opening.end())
        text = page[opening.start() : at]
        rows = tuple(_ROW.findall(text))
        keys = _ROW.sub(lambda row: row[0].partition(">")[0], text) if rows else text
        yield Part(opening[2], text, _digest(keys), rows)


def _end(page: str, tag: str, start: int) -> int:
    """Behind the tag that closes the one which ends at `start`; the page's end where none does."""
    depth = 1
    for match in re.compile(rf"<(/?){re.escape(tag)}\b[^>]*>").finditer(page, start):
        depth += -1 if match[1] else 1
        if not depth:
            return match.end()
    return len(page)


def _held(parts: list[Part]) -> str:
    return ";".join(part.held for part in parts)


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()
