"""The SQLite databases of a spool: used by one process at a time, durable with every commit, able to end a full disk.

WAL with `synchronous=FULL`: a commit is one append to the log and one fsync. The lock is SQLite's own (exclusive for as
long as the spool is open), so it holds on every system and ends with the process.

On a full disk a till must still be able to send: noting that needs a few pages of log. So a file beside the database
keeps some room. It is given up when the disk is full, and taken again once there is space.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

from producers.till.errors import SpoolBusy, SpoolDamaged, SpoolError, SpoolFull
from producers.till.wal import lost_commits
from schemas.statements import load

_MOST_FORGOTTEN, _ROUNDS = 500, 8  # events per transaction: its log has to fit the room of the reserve
_BUSY, _CORRUPT, _FULL, _NO_DATABASE = 5, 11, 13, 26  # primary result codes of SQLite
_sql = {name: statement.decode() for name, statement in load("producers.till", "spool.sql").items()}

T = TypeVar("T")


class Connection(Protocol):
    """What is used of `sqlite3.Connection`; tests give one whose files lose what was not synced."""

    def execute(self, statement: str, parameters: Any = ..., /) -> Any: ...
    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]], /) -> Any: ...
    def executescript(self, script: str, /) -> Any: ...
    def close(self) -> None: ...


def connect(path: Path) -> Connection:
    """SQLite as the standard library has it; transactions are begun and ended by hand."""
    return sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)


class Database:
    """`path` with the stamp attached. Not thread-safe. Raises `SpoolError` and its kinds."""

    def __init__(self, path: Path, stamp: Path, connect: Callable[[Path], Connection], reserve_bytes: int) -> None:
        self._reserve, self._reserve_bytes = path.with_name("reserve"), reserve_bytes
        self._reserved = self._reserve.exists() and self._reserve.stat().st_size == reserve_bytes
        self._name = path.parent.name
        with self._translated():
            for file in (path, stamp):
                file.touch(mode=0o600)
            self._check_log(path.with_name(f"{path.name}-wal"))
            self._connection = connect(path)
        try:
            with self._translated():
                self.row("lock")
                self.run("attach", stamp=str(stamp))
                self._connection.executescript(_sql["settings"])
                version = self.row("version")
                if version == (0,):
                    self._connection.executescript(_sql["tables"])
                elif version != (1,):
                    raise SpoolError(f"a newer version wrote this spool ({version})")
                self._transaction(lambda: self.run("stamp_table"))  # takes the lock
            self.keep_reserve()
        except BaseException:
            self.close()
            raise

    def _check_log(self, log: Path) -> None:
        """Before SQLite opens it, and writes over what it takes for the end of its log."""
        with suppress(FileNotFoundError):
            content = log.read_bytes()
            # Another till may be writing it while it is read; then it is sound, and the spool is busy.
            if lost_commits(content) and log.read_bytes() == content:
                raise SpoolDamaged(f"{SpoolDamaged.__doc__} ({self._name}: the log is broken in its middle)")

    def run(self, name: str, **parameters: object) -> None:
        """Run a statement of `spool.sql`; changes belong into `change`."""
        self._connection.execute(_sql[name], parameters)

    def run_many(self, name: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row of parameters."""
        self._connection.executemany(_sql[name], rows)

    @contextmanager
    def rows(self, name: str, **parameters: object) -> Iterator[Iterator[Any]]:
        """The rows of an answer, read as they are asked for until the end of the block."""
        with self._translated():
            cursor = self._connection.execute(_sql[name], parameters)
            try:
                yield iter(cursor)
            finally:
                cursor.close()

    def row(self, name: str, **parameters: object) -> Any:
        """The first row of an answer, or None."""
        with self.rows(name, **parameters) as rows:
            return next(rows, None)

    def change(self, work: Callable[[], T], *, may_use_reserve: bool) -> T:
        """Do `work` in a transaction, durable once this returns; nothing of it is done where this raises.

        On a full disk what was acknowledged longest ago is let go, and `work` is done again. The reserve stays given
        up afterwards only where `work` may use it.
        """
        with self._translated():
            if may_use_reserve or self.keep_reserve():
                try:
                    return self._transaction(work)
                except sqlite3.Error as exc:
                    if _code(exc) != _FULL:
                        raise
            self._make_room()
            if not may_use_reserve and not self.keep_reserve():
                raise SpoolFull
            return self._transaction(work)

    def forget(self, before: float) -> None:
        """Delete events that were acknowledged before a moment, the oldest first, at most a few at a time."""
        for name in ("forget_events", "forget_deliveries"):
            self.run(name, before=before, most=_MOST_FORGOTTEN)
        self.run("forget_runs")

    @property
    def size_bytes(self) -> int:
        """How much of the file is in use."""
        pages, free, page = (self.row(name)[0] for name in ("pages", "free_pages", "page_bytes"))
        return int((pages - free) * page)

    def keep_reserve(self) -> bool:
        """Take the reserve's room where it is not taken yet; False where there is no space for it."""
        if not self._reserved:
            with suppress(OSError):
                if shutil.disk_usage(self._reserve.parent).free > self._reserve_bytes:
                    self._reserve.write_bytes(os.urandom(self._reserve_bytes))
                    self._reserved = True
        return self._reserved

    def close(self) -> None:
        """Let the files and the lock go."""
        with suppress(sqlite3.Error):  # a full disk: what is in the log stays there
            self._connection.close()

    def _transaction(self, work: Callable[[], T]) -> T:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            result = work()
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # after some errors SQLite has rolled back by itself
                self._connection.execute("ROLLBACK")
            raise
        if not self._reserved:
            with suppress(SpoolError):  # the log must not take the room that the database needs to grow
                self._all_rows("checkpoint")
        return result

    def _make_room(self) -> None:
        self._reserve.unlink(missing_ok=True)
        self._reserved = False
        self._all_rows("checkpoint")
        for _ in range(_ROUNDS):
            self._transaction(lambda: self.forget(time.time() + 1))
            self._all_rows("shrink")
            self._all_rows("checkpoint")

    def _all_rows(self, name: str) -> list[Any]:
        with self.rows(name) as rows:
            return list(rows)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as exc:
            kind = _KINDS.get(_code(exc), SpoolError)
            raise kind(f"{kind.__doc__} ({self._name}: {exc})") from exc


_KINDS: Mapping[int, type[SpoolError]] = {
    _BUSY: SpoolBusy,
    _CORRUPT: SpoolDamaged,
    _FULL: SpoolFull,
    _NO_DATABASE: SpoolDamaged,
}


def _code(exc: BaseException) -> int:
    return int(getattr(exc, "sqlite_errorcode", 0)) & 0xFF
