"""What a backup is made of. Pure; `archive` keeps and reads the files.

A backup is a manifest (`manifest.json`), segments of the log that never change once written, and one file of account
data. A segment is gzip of records of one partition, in order: each a length (4 bytes, big-endian) and a MessagePack
array `[append time in ms, key, value, headers]`. Its name says which offsets it holds and the SHA-256 of the file, so
a backup that was killed is taken up from the files alone.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from msgspec import Struct

from schemas.errors import Refused

FORMAT = 1
MANIFEST = "manifest.json"
SEGMENT_BYTES = 4 * 1024 * 1024
"""So many bytes of records, before compression, make a segment; a larger record makes one alone."""
_LENGTH_BYTES = 4
_NAME = re.compile(r"events-(\d{4})-(\d{12})-(\d{12})-([0-9a-f]{64})\.gz")


class BackupBroken(Refused):
    """The backup is not as it was written."""


class Entry(Struct, frozen=True, array_like=True):
    """A record of the log: `appended_ms` is its append time, in milliseconds since 1970."""

    appended_ms: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


class Segment(Struct, frozen=True, order=True):
    """Offsets `first` up to `after` (which comes next) of a partition, in a file of this checksum."""

    partition: int
    first: int
    after: int
    sha256: str

    @property
    def name(self) -> str:
        return f"events-{self.partition:04}-{self.first:012}-{self.after:012}-{self.sha256}.gz"


class AccountsFile(Struct, frozen=True):
    """The file of account data: its name, its checksum, and the columns of each table in it."""

    name: str
    sha256: str
    tables: dict[str, list[str]]
    rows: dict[str, int]


class Kept(Struct, frozen=True):
    """A report 'as the log stood at `until`': it is made again, and its certificates have to have this SHA-256."""

    name: str
    until: datetime
    fold_version: str
    certificates: str


class Manifest(Struct, frozen=True):
    """What the backup holds. `taken_at` is the moment of the account data, None until a first backup is through;
    `topic_id` the identity of the log, `next_offsets` where each partition goes on, `uncopied` how many records of
    `uploads` were acknowledged and not yet in the log; `settings` the names of those that were set."""

    backup_id: str
    topic_id: str
    program: str
    taken_at: datetime | None = None
    next_offsets: dict[int, int] = {}
    last_appended_ms: dict[int, int] = {}
    segments: list[Segment] = []
    accounts: AccountsFile | None = None
    migrations: list[str] = []
    reports: list[Kept] = []
    settings: list[str] = []
    uncopied: int = 0
    format: int = FORMAT

    @property
    def records(self) -> int:
        return sum(self.next_offsets.values())


class _Sealed(Struct, frozen=True):
    sha256: str
    manifest: msgspec.Raw


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def seal(manifest: Manifest) -> bytes:
    """The manifest as bytes, with its own checksum beside it."""
    content = msgspec.json.encode(manifest)
    return msgspec.json.encode(_Sealed(digest(content), msgspec.Raw(content))) + b"\n"


def unseal(content: bytes) -> Manifest:
    """Raises `BackupBroken` where it was cut or changed, or is of a format that this program does not know."""
    try:
        sealed = msgspec.json.decode(content, type=_Sealed)
        found = msgspec.json.decode(sealed.manifest, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise BackupBroken(f"{MANIFEST} is cut or changed: it can't be read") from exc
    if digest(bytes(sealed.manifest)) != sealed.sha256:
        raise BackupBroken(f"{MANIFEST} was changed: its checksum is another one")
    if found.get("format") != msgspec.Raw(b"%d" % FORMAT):
        raise BackupBroken("the backup was made by another version of the program, in a form that this one can't read")
    return msgspec.json.decode(sealed.manifest, type=Manifest)


def segment_named(name: str) -> Segment | None:
    """The segment that a file's name says; None for any other file."""
    said = _NAME.fullmatch(name)
    return Segment(int(said[1]), int(said[2]), int(said[3]), said[4]) if said else None


def framed(entry: Entry) -> bytes:
    """A record as it stands in a segment."""
    content = msgspec.msgpack.encode(entry)
    return len(content).to_bytes(_LENGTH_BYTES, "big") + content


def packed(frames: Iterable[bytes]) -> bytes:
    """The content of a segment's file: the same bytes for the same records."""
    return gzip.compress(b"".join(frames), compresslevel=4, mtime=0)


def entries(segment: Segment, content: bytes) -> Iterator[Entry]:
    """The records of a segment's file. Raises `BackupBroken` where they are not those that its name says."""
    try:
        plain = memoryview(gzip.decompress(content))
    except (OSError, EOFError, zlib.error) as exc:
        raise BackupBroken(f"{segment.name} is cut or changed: it can't be unpacked") from exc
    at = count = 0
    while at < len(plain):
        length = int.from_bytes(plain[at : at + _LENGTH_BYTES], "big")
        at += _LENGTH_BYTES + length
        yield msgspec.msgpack.decode(plain[at - length : at], type=Entry)
        count += 1
    if count != segment.after - segment.first:
        raise BackupBroken(f"{segment.name} holds {count} records")
