"""The files of a backup: a folder that is added to, or one file (a tar of the same), and reading either with checks."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from ops.backup.form import (
    MANIFEST,
    BackupBroken,
    Entry,
    Manifest,
    Segment,
    digest,
    entries,
    seal,
    segment_named,
    unseal,
)
from schemas.errors import UsageError

_UNFINISHED = ".unfinished"


class Folder:
    """A folder that backups are written to. A file is there whole, under its name, or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Made where it is not there, readable by its user alone. Raises `UsageError` while another backup writes."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDONLY)
        except OSError as exc:
            raise UsageError(f"{self.path} can't be written to: {exc.strerror}") from exc
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as exc:
            raise UsageError(f"another backup is being written to {self.path}") from exc
        finally:
            os.close(handle)

    def manifest(self) -> Manifest | None:
        """None where there is none yet. Raises `BackupBroken`, and `UsageError` for a folder of something else."""
        path = self.path / MANIFEST
        if path.exists():
            return unseal(path.read_bytes())
        others = [found.name for found in self.path.iterdir() if not found.name.endswith(_UNFINISHED)]
        if others:
            raise UsageError(f"{self.path} holds other files ({sorted(others)[0]}): name an empty or a new folder")
        return None

    def write(self, name: str, content: bytes) -> None:
        """Returns when it is on the disk."""
        with self.writing(name) as path:
            path.write_bytes(content)

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A path to write to; at the end of the block it gets its name."""
        path = self.path / f"{name}{_UNFINISHED}"
        path.touch(mode=0o600)
        yield path
        _to_disk(path)
        os.replace(path, self.path / name)
        _to_disk(self.path)

    def write_manifest(self, manifest: Manifest) -> None:
        """From now on the backup is what this manifest says."""
        self.write(MANIFEST, seal(manifest))

    def orphans(self, manifest: Manifest) -> dict[tuple[int, int], Segment]:
        """Segments of a backup that did not come to its end, whole: (partition, first offset) → segment."""
        known = set(manifest.segments)
        found = [segment_named(path.name) for path in self.path.iterdir()]
        return {
            (segment.partition, segment.first): segment
            for segment in found
            if segment and segment not in known and digest((self.path / segment.name).read_bytes()) == segment.sha256
        }

    def clear(self, manifest: Manifest) -> None:
        """Removes what the manifest does not name: earlier account data, and pieces of what was killed."""
        named = {MANIFEST, *(segment.name for segment in manifest.segments)}
        named |= {manifest.accounts.name} if manifest.accounts else set()
        for path in self.path.iterdir():
            if path.name not in named:
                path.unlink()

    def pack(self, manifest: Manifest, target: Path) -> None:
        """Makes one file of it, which takes the place of `target` when it is on the disk; the folder goes."""
        new = target.with_name(f"{target.name}{_UNFINISHED}")
        new.touch(mode=0o600)
        with tarfile.open(new, "w", format=tarfile.PAX_FORMAT) as tar:
            names = [MANIFEST, *(segment.name for segment in manifest.segments)]
            for name in [*names, *([manifest.accounts.name] if manifest.accounts else [])]:
                tar.add(self.path / name, name, recursive=False)
        _to_disk(new)
        os.replace(new, target)
        _to_disk(target.parent)
        shutil.rmtree(self.path)


class Archive:
    """A backup to read from, a context manager. Raises `UsageError` where there is none, `BackupBroken`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tar: tarfile.TarFile | None = None
        if not path.exists():
            raise UsageError(f"there is no backup at {path}")
        if not path.is_dir():
            try:
                self._tar = tarfile.open(path, "r:")  # noqa: SIM115  # closed with the archive
            except (tarfile.TarError, OSError, EOFError) as exc:
                raise BackupBroken(f"{path} is no backup, or its beginning is gone") from exc
        elif not (path / MANIFEST).exists():
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
                return (self._path / name).read_bytes()
            member = self._tar.extractfile(name)
            assert member is not None  # only files are in it
            return member.read()  # a shorter one has another checksum
        except (tarfile.TarError, KeyError, OSError, EOFError, AssertionError) as exc:
            raise BackupBroken(f"{self._path}: {name} is not there whole; the backup is cut") from exc

    def _close(self) -> None:
        if self._tar is not None:
            self._tar.close()


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
