"""Reads a list into a file, within bounds, whether or not anybody fetches it.

A database connection is held while rows are read, never while a client reads the file. An account has two files at a
time, in the making, ready or being sent; of all accounts' lists two are read at once, in turn. Each file has a folder
of its own under the home, which is bounded in bytes and time and goes with the file.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from types import TracebackType
from typing import Any, cast
from uuid import UUID, uuid4

import structlog
from msgspec import Struct

from schemas.errors import WebOfficeError
from webapp.account import Account
from webapp.database import Database
from webapp.exports import Export, Package, Row, Rows, told
from webapp.exports.book import Book
from webapp.exports.sheet import Sheet, sheet

log = structlog.get_logger(__name__)

_CHUNK_ROWS = 500
_CLEAN_EVERY_S = 60.0
_TELL_EVERY_S = 1.0


class TooManyFiles(WebOfficeError):
    """The account has as many files in the making or being sent as it may have."""


class FileTooLarge(WebOfficeError):
    """The list is larger than a file may be: choose a shorter period."""


class DiskFull(WebOfficeError):
    """There is no room for the file now."""


class Bounds(Struct, frozen=True):
    """`each` files of an account and `total` of all, at a time; of one, `size_bytes_max` with all that its making
    takes, and `seconds_max` for it. A file that nobody fetches goes after `kept_seconds`. `spare_bytes` of the disk are
    left to what matters more."""

    each: int = 2
    total: int = 32
    size_bytes_max: int = 1 << 30
    seconds_max: float = 900.0
    kept_seconds: float = 1800.0
    spare_bytes: int = 256 << 20


class Job:
    """A file in the making. `done` is set when it is ready or has failed (`error`); `rows` are written so far."""

    def __init__(self, folder: Path, export: Export | Package, form: str, job_id: UUID | None = None) -> None:
        self.id = job_id or uuid4()
        self.export = export
        self.form = form
        self.folder = folder / str(self.id)
        self.path = self.folder / f"list.{form}"
        self.rows = 0
        self.error: Exception | None = None
        self.done = asyncio.Event()
        self.sending = 0
        self.used_at = time.monotonic()
        self.task: asyncio.Task[None] | None = None
        self._told_at = float("-inf")

    @property
    def ready(self) -> bool:
        return self.done.is_set() and self.error is None

    @property
    def account_id(self) -> UUID:
        return self.export.account.account_id

    def tell(self, *, ready: bool = False) -> None:
        """Says how far it is, once a second at most. Raises `OSError`."""
        now = time.monotonic()
        if ready or now - self._told_at >= _TELL_EVERY_S:
            self._told_at = now
            told.write(
                self.folder,
                told.Told(
                    self.account_id, self.export.account.reader_id, self.export.name, self.form, self.rows, ready
                ),
            )

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def size_bytes(self) -> int:
        """Of all that stands in its folder."""
        sizes = 0
        for path in self.folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # xlsxwriter's own, which come and go
                sizes += path.stat().st_size
        return sizes


class Jobs:
    """The files of this process; open between entry and exit. All portals on a home have one `folder` for them."""

    def __init__(self, database: Database, folder: Path, bounds: Bounds | None = None) -> None:
        self._database = database
        self._folder = folder
        self._bounds = bounds or Bounds()
        self._jobs: dict[UUID, Job] = {}
        self._cleaner: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Jobs:
        self._cleaner = asyncio.create_task(self._clean(), name="exports")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._cleaner is not None
        self._cleaner.cancel()
        tasks = [self._cleaner, *(job.task for job in self._jobs.values() if job.task)]
        for job in list(self._jobs.values()):
            self.drop(job)
        await asyncio.gather(*tasks, return_exceptions=True)

    def begin(self, export: Export | Package, form: str) -> Job:
        """Starts a file. Raises `TooManyFiles`, `DiskFull`."""
        account_id = export.account.account_id
        own = [job for job in self._jobs.values() if job.account_id == account_id]
        if len(own) >= self._bounds.each:
            idle = [job for job in own if job.done.is_set() and not job.sending]
            if not idle:
                raise TooManyFiles
            self.drop(min(idle, key=lambda job: job.used_at))
        if len(self._jobs) >= self._bounds.total:
            raise TooManyFiles
        job = Job(self._folder, export, form)
        try:
            job.folder.mkdir(parents=True, mode=0o700)
            self._folder.chmod(0o700)
            self._check_disk(job)
            job.tell()
        except OSError as exc:
            raise DiskFull from exc
        self._jobs[job.id] = job
        job.task = asyncio.create_task(self._make(job), name=f"export {job.id}")
        return job

    def find(self, job_id: UUID, account: Account) -> Job | None:
        """The reader's file of that id, also where another portal on this home makes it."""
        job = self._jobs.get(job_id) or self._elsewhere(job_id)
        if job is None or job.account_id != account.account_id:
            return None
        return job if job.export.account.reader_id == account.reader_id else None

    def _elsewhere(self, job_id: UUID) -> Job | None:
        said = told.read(self._folder / str(job_id))
        if said is None:
            return None
        job = Job(
            self._folder,
            Export(said.name, [], Account(said.account_id, person_id=said.person_id), _no_rows),
            said.form,
            job_id,
        )
        job.rows = said.rows
        if said.ready:
            job.done.set()
        return job

    def drop(self, job: Job) -> None:
        """Ends its making, which takes its query with it, and removes the file."""
        self._jobs.pop(job.id, None)
        if job.task is None or job.task.done():
            job.remove()
            return
        job.task.add_done_callback(lambda _: job.remove())  # once its thread has let go of the folder
        job.task.cancel()

    async def _make(self, job: Job) -> None:
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._bounds.seconds_max):
                await self._write(job)
        except TimeoutError:
            job.error = FileTooLarge()
        except OSError as exc:
            log.error("export failed", export=str(job.id), error=exc.strerror)
            job.error = DiskFull()
        except WebOfficeError as exc:
            job.error = exc
        except Exception as exc:  # whoever waits for the file gets it raised, as by a page
            job.error = exc
        finally:
            job.used_at = time.monotonic()
            if job.error is None:
                with contextlib.suppress(OSError):
                    job.tell(ready=True)
            job.done.set()
            if not job.ready:
                job.remove()
            seconds = round(time.monotonic() - started, 3)
            log.info("export", export=str(job.id), account=str(job.account_id), rows=job.rows, seconds=seconds)

    async def _write(self, job: Job) -> None:
        parts = job.export.parts
        book = await asyncio.to_thread(Book, job.path) if job.form == "zip" else None
        output: Sheet
        if book is not None:
            output = book
        else:
            output = await asyncio.to_thread(sheet, job.form, job.path, parts[0].columns)
        try:
            async with self._database.exporting(job.export.account) as connection:
                for part in parts:
                    if book is not None:
                        await _uncancelled(asyncio.to_thread(book.begin, part))
                    await self._write_rows(job, output, cast(AsyncGenerator[Row, None], part.rows(connection)))
        finally:
            await _uncancelled(asyncio.to_thread(output.finish))

    async def _write_rows(self, job: Job, output: Sheet, rows: AsyncGenerator[Row, None]) -> None:
        async with contextlib.aclosing(rows):
            chunk: list[Row] = []
            async for row in rows:
                chunk.append(row)
                if len(chunk) == _CHUNK_ROWS:
                    await self._write_chunk(job, output, chunk)
                    chunk = []
            await self._write_chunk(job, output, chunk)

    async def _write_chunk(self, job: Job, output: Any, chunk: list[Row]) -> None:
        await _uncancelled(asyncio.to_thread(output.write, chunk))
        job.rows += len(chunk)
        job.tell()
        if job.size_bytes() > self._bounds.size_bytes_max:
            raise FileTooLarge
        self._check_disk(job)

    def _check_disk(self, job: Job) -> None:
        if shutil.disk_usage(job.folder).free < self._bounds.spare_bytes:
            raise DiskFull

    async def _clean(self) -> None:
        """Removes what nobody fetched, and what a process that died has left."""
        while True:
            now = time.monotonic()
            for job in list(self._jobs.values()):
                if job.done.is_set() and not job.sending and now - job.used_at > self._bounds.kept_seconds:
                    self.drop(job)
            oldest = time.time() - self._bounds.kept_seconds - self._bounds.seconds_max
            if self._folder.is_dir():
                for folder in self._folder.iterdir():
                    with contextlib.suppress(OSError):
                        if folder.name not in {str(job) for job in self._jobs} and folder.stat().st_mtime < oldest:
                            shutil.rmtree(folder, ignore_errors=True)
            await asyncio.sleep(_CLEAN_EVERY_S)


def _no_rows(_connection: Any) -> Rows:
    raise AssertionError("another process reads them")


async def _uncancelled(work: Any) -> None:
    """Waits for a thread to its end, also when cancelled meanwhile: what it writes to must not go under it."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
