"""Reads a backup with checks: a folder or another place that is added to, or one file (a tar of the same)."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from ops.backup.form import MANIFEST, BackupBroken, Entry, Segment, digest, entries, unseal
from ops.backup.places import Folder, Place
from schemas.errors import UsageError

_S3 = "s3://"


class Archive:
    """A backup to read from, a context manager. Raises `UsageError` where there is none, `BackupBroken`."""

    def __init__(self, path: Path | Place) -> None:
        self._path = path
        self._place = path if isinstance(path, Place) else Folder(path)
        self._tar: tarfile.TarFile | None = None
        if isinstance(path, Path) and not path.exists():
            raise UsageError(f"there is no backup at {path}")
        if isinstance(path, Path) and not path.is_dir():
            try:
                self._tar = tarfile.open(path, "r:")  # noqa: SIM115  # closed with the archive
            except (tarfile.TarError, OSError, EOFError) as exc:
                raise BackupBroken(f"{path} is no backup, or its beginning is gone") from exc
        elif MANIFEST not in self._place.sizes():
            raise UsageError(f"{path} is no backup: it has no {MANIFEST}")
        try:
            self.manifest = unseal(self._read(MANIFEST))
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def check(self, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Reads every file against its checksum; returns where all of it is there. `progress`: files done, in all."""
        manifest = self.manifest
        if manifest.taken_at is None or manifest.accounts is None:
            raise BackupBroken(f"{self._path}: the first backup did not come to its end; run `weboffice backup` again")
        self.account_data()
        for done, segment in enumerate(manifest.segments, 1):
            self.content(segment)
            progress(done, len(manifest.segments))
        for partition, after in manifest.next_offsets.items():
            at = 0
            for segment in self.segments(partition):
                if segment.first != at:
                    raise BackupBroken(f"{self._path}: partition {partition} has no records from {at} on")
                at = segment.after
            if at != after:
                raise BackupBroken(f"{self._path}: partition {partition} ends at {at}, not at {after}")

    def segments(self, partition: int) -> list[Segment]:
        """Of a partition, in their order."""
        return sorted(segment for segment in self.manifest.segments if segment.partition == partition)

    def entries(self, partition: int) -> Iterator[Entry]:
        """The records of a partition, in their order."""
        for segment in self.segments(partition):
            yield from entries(segment, self.content(segment))

    def content(self, segment: Segment) -> bytes:
        return self._checked(segment.name, segment.sha256)

    def account_data(self) -> bytes:
        """The file of account data, as it was packed."""
        found = self.manifest.accounts
        assert found is not None  # `check` saw to it
        return self._checked(found.name, found.sha256)

    def copy_to(self, folder: Folder) -> None:
        """Writes everything into a folder, checked."""
        self.check()
        for segment in self.manifest.segments:
            folder.write(segment.name, self.content(segment))
        assert self.manifest.accounts is not None  # `check` saw to it
        folder.write(self.manifest.accounts.name, self.account_data())
        folder.write_manifest(self.manifest)

    def _checked(self, name: str, sha256: str) -> bytes:
        content = self._read(name)
        if digest(content) != sha256:
            raise BackupBroken(f"{self._path}: {name} was cut or changed; the backup can't be relied on")
        return content

    def _read(self, name: str) -> bytes:
        try:
            if self._tar is None:
                return self._place.read(name)
            member = self._tar.extractfile(name)
            assert member is not None  # only files are in it
            return member.read()  # a shorter one has another checksum
        except (tarfile.TarError, KeyError, OSError, EOFError, AssertionError) as exc:
            raise BackupBroken(f"{self._path}: {name} is not there whole; the backup is cut") from exc

    def _close(self) -> None:
        if self._tar is not None:
            self._tar.close()


def named(text: str) -> Path | Place:
    """What the operator names: a bucket or a path. Raises `UsageError` where buckets can't be used here."""
    if text.startswith(_S3):
        from ops.backup.bucket import bucket  # an extra, which refuses by itself where it is missing

        return bucket(text)
    return Path(text).absolute()
