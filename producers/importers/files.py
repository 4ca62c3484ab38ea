"""The files of an import: what they really are, within bounds; nothing of a file that is something else is read.

The bounds hold the memory: readers work through a file in pieces, and what they hold at once is smaller than these.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Literal

from producers.importers.refusals import CONTENTS, SourceRefused

FILE_BYTES_MAX = 128 * 1024 * 1024
UNPACKED_BYTES_MAX = 512 * 1024 * 1024
"""Of all members of an archive together."""
_MEMBERS_MAX = 1000
_PIECE = 1024 * 1024

Content = Literal["text", "zip", "gzip", "old office", "pdf", "binary"]


def content_of(beginning: bytes) -> Content:
    """What a file is, by how it begins."""
    for magic, content in _MAGIC.items():
        if beginning.startswith(magic):
            return content
    if beginning[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" not in beginning:
        return "text"
    # UTF-16 without a mark: every other byte of western text, and of digits and marks everywhere, is 0
    encoding = "utf-16-le" if beginning[1::2].count(0) > beginning[::2].count(0) else "utf-16-be"
    text = beginning[: len(beginning) // 2 * 2].decode(encoding, errors="replace")
    return "binary" if any(ord(character) < 32 and character not in "\t\r\n" for character in text) else "text"


_MAGIC: dict[bytes, Content] = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"\xd0\xcf\x11\xe0": "old office",
    b"%PDF": "pdf",
}


class SourceFile:
    """A file to import: `path`, its `content` and the digest of its bytes."""

    def __init__(self, path: Path, takes: frozenset[Content]) -> None:
        """Raises `UsageError` where it can't be one of what is taken, or is too large."""
        self.path = path
        try:
            self.size = path.stat().st_size
            if self.size > FILE_BYTES_MAX:
                megabytes = {"size": f"{self.size / 1e6:.0f}", "most": f"{FILE_BYTES_MAX / 1e6:.0f}"}
                raise SourceRefused("too_large", path.name, **megabytes)
            with path.open("rb") as file:
                beginning = file.read(4096)
                digest = sha256(beginning)
                while piece := file.read(_PIECE):
                    digest.update(piece)
        except OSError as exc:
            raise SourceRefused("unreadable", path.name, why=exc.strerror) from exc
        self.digest = digest.hexdigest()
        if not beginning.strip():
            raise SourceRefused("empty", path.name)
        self.content = content_of(beginning)
        self._check_kind(takes)

    def _check_kind(self, takes: frozenset[Content]) -> None:
        if self.content not in takes:
            if self.content == "old office":
                raise SourceRefused("old_office", self.name)
            expected = "|".join(content for content in CONTENTS if content in takes)
            raise SourceRefused("other_kind", self.name, kind=self.content, expected=expected)
        suffix = self.path.suffix.lower()
        if (suffix in _TEXTS and self.content != "text") or (suffix in _PACKED and self.content != "zip"):
            raise SourceRefused("wrong_name", self.name, kind=self.content, suffix=suffix)

    @property
    def name(self) -> str:
        return self.path.name

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Its bytes. Raises `UsageError` where it can't be read."""
        try:
            with self.path.open("rb") as file:
                yield file
        except OSError as exc:
            raise SourceRefused("unreadable", self.name, why=exc.strerror) from exc

    @contextmanager
    def archive(self, suffix: str = ".xml") -> Iterator[zipfile.ZipFile]:
        """The archive, after the size of its members with this suffix was checked. Raises `UsageError`."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                members = [member for member in archive.infolist() if member.filename.lower().endswith(suffix)]
                if len(members) > _MEMBERS_MAX or sum(member.file_size for member in members) > UNPACKED_BYTES_MAX:
                    most = f"{UNPACKED_BYTES_MAX / 1e6:.0f}"
                    raise SourceRefused("unpacks_too_large", self.name, most=most, members=_MEMBERS_MAX)
                if any(member.flag_bits & 1 for member in members):
                    raise SourceRefused("locked", self.name)
                yield archive
        except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError) as exc:
            raise SourceRefused("broken_archive", self.name, why=exc) from exc


_TEXTS = {".csv", ".json", ".jsonl", ".xml", ".txt", ".tsv"}
_PACKED = {".xlsx", ".zip"}


class Bounded:
    """Reads from a file, and refuses to read more than `size_max` bytes: an archive may lie about its members."""

    def __init__(self, file: IO[bytes], size_max: int, name: str) -> None:
        self._file, self._left, self._name = file, size_max, name

    def read(self, size: int = -1) -> bytes:
        """Raises `UsageError` past the bound."""
        piece = self._file.read(size if 0 <= size <= self._left + 1 else self._left + 1)
        self._left -= len(piece)
        if self._left < 0:
            raise SourceRefused("larger", self._name)
        return piece
