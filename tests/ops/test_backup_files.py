"""The files of a backup: whole and as they were written, or refused with a sentence."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from obstore.store import MemoryStore

from ops import settings
from ops.backup.archive import Archive
from ops.backup.bucket import Bucket
from ops.backup.form import (
    MANIFEST,
    AccountsFile,
    BackupBroken,
    Entry,
    Manifest,
    Segment,
    digest,
    framed,
    packed,
    seal,
    unseal,
)
from ops.backup.places import Folder, Place
from ops.commands.restore import restore
from schemas.errors import Refused, UsageError

TAKEN_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def written(folder: Path | Place) -> Manifest:
    """A backup of two partitions, one of them in two segments."""
    folder = Folder(folder) if isinstance(folder, Path) else folder
    segments = []
    with folder.held():
        for partition, first, count in ((0, 0, 3), (0, 3, 2), (1, 0, 4)):
            entries = [Entry(1_772_000_000_000 + n, b"k", b"%d" % n, [("kind", b"upload")]) for n in range(count)]
            content = packed(map(framed, entries))
            segments.append(Segment(partition, first, first + count, digest(content)))
            folder.write(segments[-1].name, content)
        folder.write("accounts.gz", b"rows")
        accounts = AccountsFile("accounts.gz", digest(b"rows"), {}, {})
        manifest = Manifest("b", "t", "0.3.0", TAKEN_AT, {0: 5, 1: 4}, {}, segments, accounts)
        folder.write_manifest(manifest)
    return manifest


def test_a_file_is_the_same_as_the_folder_it_was_packed_from(tmp_path: Path) -> None:
    """Record by record; the folder is gone, nothing else is left."""
    manifest = written(tmp_path / "folder")
    with Archive(tmp_path / "folder") as archive:
        archive.check()
        entries = [list(archive.entries(partition)) for partition in (0, 1)]
    assert [[entry.value for entry in part] for part in entries] == [
        [b"0", b"1", b"2", b"0", b"1"],
        [b"0", b"1", b"2", b"3"],
    ]
    Folder(tmp_path / "folder").pack(manifest, tmp_path / "file")
    with Archive(tmp_path / "file") as archive:
        archive.check()
        assert [list(archive.entries(partition)) for partition in (0, 1)] == entries
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_changed_byte_or_a_missing_file_is_told(tmp_path: Path) -> None:
    """Of any file, the manifest too."""
    manifest = written(tmp_path / "whole")
    for number, name in enumerate(sorted(path.name for path in (tmp_path / "whole").iterdir())):
        path = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", path)
        content = bytearray((path / name).read_bytes())
        content[len(content) // 2] ^= 1
        (path / name).write_bytes(content)
        with pytest.raises(BackupBroken, match="changed"), Archive(path) as archive:
            archive.check()
        (path / name).unlink()
        with (
            pytest.raises((BackupBroken, UsageError), match=r"the backup is cut|has no manifest"),
            Archive(path) as archive,
        ):
            archive.check()
    assert unseal(seal(manifest)) == manifest


def test_a_file_that_was_cut_anywhere_is_told(tmp_path: Path) -> None:
    """However much of it is left, but for the padding at its end, which says nothing."""
    Folder(tmp_path / "folder").pack(written(tmp_path / "folder"), tmp_path / "file")
    content = (tmp_path / "file").read_bytes()
    for size in range(0, len(content.rstrip(b"\0")), 97):
        (tmp_path / "cut").write_bytes(content[:size])
        with pytest.raises(BackupBroken), Archive(tmp_path / "cut") as archive:
            archive.check()


def test_a_backup_that_lacks_records_between_others_is_told(tmp_path: Path) -> None:
    """Though each of its files is what it was."""
    manifest = written(tmp_path)
    for broken, said in (
        (manifest.segments[:1] + manifest.segments[2:], "partition 0 ends at 3, not at 5"),
        (manifest.segments[1:], "partition 0 has no records from 0 on"),
    ):
        (tmp_path / MANIFEST).write_bytes(
            seal(Manifest("b", "t", "", TAKEN_AT, {0: 5, 1: 4}, {}, broken, manifest.accounts))
        )
        with pytest.raises(BackupBroken, match=said), Archive(tmp_path) as archive:
            archive.check()


def test_a_first_backup_that_was_killed_can_not_be_restored(tmp_path: Path) -> None:
    """It is there, and says what to do."""
    written(tmp_path)
    (tmp_path / MANIFEST).write_bytes(seal(Manifest("b", "t", "0.3.0")))
    with pytest.raises(BackupBroken, match="did not come to its end"), Archive(tmp_path) as archive:
        archive.check()


def test_restore_checks_alone_where_it_is_asked_to(tmp_path: Path) -> None:
    """It reads every file and needs neither Kafka nor PostgreSQL."""
    written(tmp_path / "backup")
    found = settings.read({"WEBOFFICE_HOME": str(tmp_path / "home")})
    done = CliRunner().invoke(restore, [str(tmp_path / "backup"), "--check"], obj=found, catch_exceptions=False)
    assert done.stdout == "whole: 9 records, account data as of 2026-03-02 09:00:00 UTC\n"
    assert not (tmp_path / "home").exists()


def test_of_two_that_write_to_a_bucket_at_once_the_second_is_refused() -> None:
    """There is no lock there. What the first wrote stays whole, and what the second left goes at the next backup."""
    store = MemoryStore()
    manifest = written(Bucket("s3://office/backup", store))
    first, second = Bucket("s3://office/backup", store), Bucket("s3://office/backup", store)
    assert first.manifest() == second.manifest() == manifest
    lost = Segment(1, 4, 5, digest(b"lost"))
    second.write(lost.name, b"lost")
    assert set(first.orphans(manifest).values()) == {lost}
    first.write_manifest(manifest)
    with pytest.raises(Refused, match="meanwhile"):
        second.write_manifest(manifest)
    with pytest.raises(Refused, match="meanwhile"):
        written(Bucket("s3://office/backup", store))  # it did not read what is there
    first.write_manifest(manifest)
    first.clear(manifest)
    assert lost.name not in first.sizes()
    with Archive(first) as archive:
        archive.check()
    first.write(manifest.segments[0].name, b"changed")
    with pytest.raises(BackupBroken, match="was cut or changed"), Archive(first) as archive:
        archive.check()
    first.remove(manifest.segments[0].name)
    with pytest.raises(BackupBroken, match="is not there whole"), Archive(first) as archive:
        archive.check()
