"""What a text is written in: UTF-8 with or without a mark, UTF-16, else one of the Russian code pages."""

from __future__ import annotations

import codecs
from typing import IO

import charset_normalizer

from producers.importers.refusals import SourceRefused

_PIECE = 1024 * 1024
_SAMPLE = 256 * 1024
_PAGES = ["cp1251", "cp866", "koi8_r", "mac_cyrillic"]
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def encoding_of(file: IO[bytes], name: str) -> str:
    """The name of the encoding, as Python has it; the file stands at its beginning again. Raises `UsageError`."""
    beginning = file.read(4096)
    file.seek(0)
    for mark, encoding in _MARKS.items():
        if beginning.startswith(mark):
            return encoding
    if b"\0" in beginning:
        return "utf-16-le" if beginning[1::2].count(0) > beginning[::2].count(0) else "utf-16-be"
    try:
        decoder = codecs.getincrementaldecoder("utf-8")()
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
        return "utf-8"
    except UnicodeDecodeError:
        file.seek(0)
        return _page(file.read(_SAMPLE), name)
    finally:
        file.seek(0)


def _page(sample: bytes, name: str) -> str:
    """The code page in which most letters are lower-case Russian ones; where none is, the library decides."""
    russian = {page: _russian(sample.decode(page, errors="ignore")) for page in _PAGES}
    best = max(russian, key=lambda page: russian[page])
    if russian[best] > 0.5:
        return best
    match = charset_normalizer.from_bytes(sample).best()
    if match is None:
        raise SourceRefused("unknown_encoding", name)
    return match.encoding


def _russian(text: str) -> float:
    """The share of ordinary Russian letters among all that are not ASCII."""
    foreign = [character for character in text if ord(character) > 127]
    ordinary = sum("а" <= character <= "я" or character in "ё«»№–—" for character in foreign)
    capital = sum("А" <= character <= "Я" for character in foreign)
    return (ordinary + capital / 2) / len(foreign) if foreign else 0.0
