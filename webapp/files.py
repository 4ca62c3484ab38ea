"""Files in a form, taken apart as they come: none is ever held whole, in memory or on the disk.

`webapp/forms.py` reads forms without files. What is read here is bounded in bytes and time, too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from webapp import forms

PIECE_BYTES = 4 * 1024 * 1024
_MAX_SECONDS = 600.0
_FIELD_BYTES_MAX = 4096
_PARTS_MAX = 50


class Field(NamedTuple):
    """A field without a file."""

    name: str
    value: str


class Piece(NamedTuple):
    """A part of a file, at most `PIECE_BYTES`; the pieces of a file come in their order."""

    file_name: str
    content: bytes


async def read(request: Request, size_max: int) -> AsyncIterator[Field | Piece]:
    """The fields of a form and the pieces of its files, in their order. A file that was not chosen has none.

    Raises `HTTPException` 408, 413, 415 or 400 for what no page of ours sends.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise HTTPException(415)
    form = _Form(options[b"boundary"])
    try:
        async for chunk in forms.bounded_chunks(request, size_max, _MAX_SECONDS):
            form.write(chunk)
            for item in form.take():
                yield item
        form.end()
    except (MultipartParseError, UnicodeDecodeError) as exc:
        raise HTTPException(400) from exc
    for item in form.take():
        yield item


class _Form:
    """The parser's callbacks, gathered into items."""

    def __init__(self, boundary: bytes) -> None:
        self._items: list[Field | Piece] = []
        self._header = self._value = b""
        self._name = self._file_name = ""
        self._content = bytearray()
        self._parts = 0
        self._whole = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_part_data": self._data,
                "on_part_end": self._end_of_part,
                "on_end": self._end_of_all,
            },
        )

    def write(self, chunk: bytes) -> None:
        self._parser.write(chunk)

    def end(self) -> None:
        """Raises `MultipartParseError` where the form was cut."""
        self._parser.finalize()
        if not self._whole:
            raise MultipartParseError("the form has no end")

    def take(self) -> list[Field | Piece]:
        items, self._items = self._items, []
        return items

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _PARTS_MAX:
            raise HTTPException(400)
        self._name = self._file_name = ""
        self._content.clear()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]
        self._bound(self._header)

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._bound(self._value)

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._name = options.get(b"name", b"").decode()
            self._file_name = options.get(b"filename", b"").decode()
        self._header = self._value = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._content += data[start:end]
        if not self._file_name:
            self._bound(self._content)
        while len(self._content) >= PIECE_BYTES:
            self._items.append(Piece(self._file_name, bytes(self._content[:PIECE_BYTES])))
            del self._content[:PIECE_BYTES]

    def _end_of_part(self) -> None:
        if self._file_name:
            self._items.append(Piece(self._file_name, bytes(self._content)))
        elif self._name:
            self._items.append(Field(self._name, self._content.decode()))
        self._content.clear()

    def _end_of_all(self) -> None:
        self._whole = True

    @staticmethod
    def _bound(text: bytes | bytearray) -> None:
        if len(text) > _FIELD_BYTES_MAX:
            raise HTTPException(400)
