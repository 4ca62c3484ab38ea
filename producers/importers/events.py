"""Our own events, a JSON object a line, plain or packed with gzip: what a till's spool or another service wrote."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from hashlib import sha256

from producers.importers.documents import BadRow, Document, Event, Item
from producers.importers.files import UNPACKED_BYTES_MAX, Bounded, Content, SourceFile
from producers.importers.refusals import SourceRefused
from producers.importers.sources import Context, Source
from producers.till.encoding import encoded_line
from producers.till.errors import EventUnfit
from schemas.limits import MAX_BYTES

TAKES: frozenset[Content] = frozenset({"text", "gzip"})
_DOCUMENTS = {"sale.registered": ("sale", "sale_id"), "sale.returned": ("return", "return_id")}
_VOIDS = {"sale.voided": ("sale", "sale_id"), "return.voided": ("return", "return_id")}


def read(source: Source, context: Context) -> Iterator[Item]:
    """The events of the files, in their order; a receipt and its void are one document. Raises `UsageError`."""
    voids: dict[tuple[str, str], Event] = {}
    receipts: set[tuple[str, str]] = set()
    for _, event in _events(source):
        if isinstance(event, dict):
            for found, fields in ((voids, _VOIDS), (None, _DOCUMENTS)):
                if named := _named(event, fields):
                    receipts.add(named) if found is None else found.setdefault(named, event)
    for row, event in _events(source):
        if isinstance(event, BadRow):
            yield event
            continue
        if named := _named(event, _DOCUMENTS):
            events = [event, voids[named]] if named in voids else [event]
            kind, id_ = named
            yield Document("sale" if kind == "sale" else "return", id_, events, row, latest=True)
        elif _named(event, _VOIDS) not in receipts:
            yield Document("event", _digest(event), [event], row)


def _named(event: Event, fields: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
    kind, field = fields.get(str(event.get("type")), ("", ""))
    id_ = event.get(field)
    return (kind, id_) if kind and isinstance(id_, str) else None


def _events(source: Source) -> Iterator[tuple[int, Event | BadRow]]:
    row = 0
    for file in source.files:
        for line in _lines(file):
            row += 1
            if not line.strip():
                continue
            try:
                event: Event = json.loads(encoded_line(line))
                yield row, event
            except EventUnfit as exc:
                yield row, BadRow(row, "", line[:100].decode(errors="replace").strip(), "no_event", {"why": str(exc)})


def _lines(file: SourceFile) -> Iterator[bytes]:
    with file.open() as raw:
        packed = file.content == "gzip"
        unpacked = gzip.GzipFile(fileobj=raw) if packed else raw
        bounded = Bounded(unpacked, UNPACKED_BYTES_MAX, file.name)  # type: ignore[arg-type]  # it reads like one
        rest = b""
        try:
            while piece := bounded.read(1024 * 1024):
                *lines, rest = (rest + piece).split(b"\n")
                yield from (line.removeprefix(b"\xef\xbb\xbf") for line in lines)
                if len(rest) > MAX_BYTES:
                    raise SourceRefused("long_event", file.name)
        except (gzip.BadGzipFile, EOFError, zlib.error) as exc:
            raise SourceRefused("broken_gzip", file.name, why=exc) from exc
        if rest.strip():
            yield rest.removeprefix(b"\xef\xbb\xbf")


def _digest(event: Event) -> str:
    return sha256(json.dumps(event, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
