"""Where a backup is kept: a folder that is added to. (A bucket of S3 is another such place, see `bucket`.)"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from ops.backup.form import MANIFEST, Manifest, Segment, digest, seal, segment_named, unseal
from schemas.errors import UsageError

_UNFINISHED = ".unfinished"


class Place(ABC):
    """A file is there whole, under its name, or not at all. `str` is what it is called."""

    @abstractmethod
    def held(self) -> contextlib.AbstractContextManager[None]:
        """Made where it can be. Raises `UsageError` while another backup writes, or where nothing can be written."""

    @abstractmethod
    def sizes(self) -> dict[str, int]:
        """The names of all files, whole or not, with their bytes."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """Raises `OSError` where it is not there whole."""

    @abstractmethod
    def write(self, name: str, content: bytes) -> None:
        """Returns when it is on the disk."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Of a file that is there."""

    def manifest(self) -> Manifest | None:
        """None where there is none yet. Raises `BackupBroken`, and `UsageError` for a place of something else."""
        names = self.sizes()
        if MANIFEST in names:
            return unseal(self.read(MANIFEST))
        others = [name for name in names if not name.endswith(_UNFINISHED)]
        if others:
            raise UsageError(f"{self} holds other files ({sorted(others)[0]}): name an empty or a new folder")
        return None

    def write_manifest(self, manifest: Manifest) -> None:
        """From now on the backup is what this manifest says."""
        self.write(MANIFEST, seal(manifest))

    def orphans(self, manifest: Manifest) -> dict[tuple[int, int], Segment]:
        """Segments of a backup that did not come to its end, whole: (partition, first offset) → segment."""
        known = set(manifest.segments)
        found = [segment_named(name) for name in self.sizes()]
        return {
            (segment.partition, segment.first): segment
            for segment in found
            if segment and segment not in known and digest(self.read(segment.name)) == segment.sha256
        }

    def clear(self, manifest: Manifest) -> None:
        """Removes what the manifest does not name: earlier account data, and pieces of what was killed."""
        named = {MANIFEST, *(segment.name for segment in manifest.segments)}
        named |= {manifest.accounts.name} if manifest.accounts else set()
        for name in self.sizes():
            if name not in named:
                self.remove(name)


class Folder(Place):
    """A folder, readable by its user alone; one backup writes to it at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
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

    def sizes(self) -> dict[str, int]:
        return {path.name: path.stat().st_size for path in self.path.iterdir()}

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        path = self.path / f"{name}{_UNFINISHED}"
        path.touch(mode=0o600)
        path.write_bytes(content)
        _to_disk(path)
        os.replace(path, self.path / name)
        _to_disk(self.path)

    def remove(self, name: str) -> None:
        (self.path / name).unlink()

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


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
