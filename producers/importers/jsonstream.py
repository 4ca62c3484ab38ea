"""JSON of any size, a value at a time: a list, a list inside an object, one object, or an object a line."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO, Any

import ijson

from producers.importers.encodings import encoding_of
from producers.importers.files import SourceFile
from producers.importers.refusals import SourceRefused
from schemas.errors import UsageError

_VALUE_BYTES_MAX = 8 * 1024 * 1024
_PIECE = 64 * 1024
_LOOK_AT_BYTES = 1024 * 1024


def values(file: SourceFile, inner: frozenset[str] = frozenset()) -> Iterator[Any]:
    """The values that the file is a list of; numbers with a fraction as `Decimal`. A list whose name is in `inner` is
    part of a value. Raises `UsageError` where it is no whole JSON, or one value of it is too large to be held."""
    with file.open() as raw:
        encoding = encoding_of(raw, file.name)
        prefix = _prefix(_Utf8(raw, encoding, file.name, _LOOK_AT_BYTES), inner)
        raw.seek(0)
        reader = _Utf8(raw, encoding, file.name, _VALUE_BYTES_MAX)
        try:
            for value in ijson.items(reader, prefix, multiple_values=True, buf_size=_PIECE):
                reader.begin_value()
                yield value
        except (ijson.JSONError, UnicodeError, ValueError, OverflowError) as exc:
            raise SourceRefused("broken_json", file.name, why=exc) from exc


def _prefix(reader: _Utf8, inner: frozenset[str]) -> str:
    """Where the list of values is, in ijson's form; "" where each top-level value is one."""
    try:
        for prefix, event, _ in ijson.parse(reader, multiple_values=True, buf_size=_PIECE):
            if event == "start_array":
                if prefix.rpartition(".")[2] in inner:
                    return ""
                return f"{prefix}.item" if prefix else "item"
            if event == "end_map" and not prefix:
                return ""
    except (ijson.JSONError, UnicodeError, UsageError, ValueError):
        return ""  # the reading proper says what is wrong
    return ""


class _Utf8:
    """A file as UTF-8, whatever it is written in; refuses a value that does not end within `size_max` bytes."""

    def __init__(self, raw: IO[bytes], encoding: str, name: str, size_max: int) -> None:
        self._raw, self._name, self._size_max = raw, name, size_max
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()
        self._since = 0

    def begin_value(self) -> None:
        self._since = 0

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b""
        self._since += _PIECE
        if self._since > self._size_max + _PIECE:
            raise SourceRefused("large_value", self._name, most=self._size_max)
        piece = self._raw.read(_PIECE)
        if self._decoder is None:
            return piece
        text = self._decoder.decode(piece, final=not piece)
        while piece and not text:
            piece = self._raw.read(_PIECE)
            text = self._decoder.decode(piece, final=not piece)
        return text.encode()
