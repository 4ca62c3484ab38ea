"""How a file reaches who asked for it: at once where it is soon ready, else by the page in `progress.py`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from webapp.context import Context
from webapp.exports import Export, Package
from webapp.exports.jobs import DiskFull, FileTooLarge, Job, Jobs, TooManyFiles
from webapp.exports.sheet import MEDIA_TYPES
from webapp.journal import note_alone
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.site import site_of
from webapp.translation import N_

_PATIENCE_S = 8.0
"""After this a browser is shown how far its file is; a program waits on."""
_PIECE_BYTES = 256 * 1024
_WRITE_S = 60.0
"""Within this a client takes the next piece of a file, or is let go."""


class NoFile(Context, frozen=True):
    """A file that can't be had; `reason` is `many`, `large` or `full`."""

    template = "exports/none.html"
    title = N_("There is no file")

    reason: str


async def answer(request: Request, export: Export | Package, form: str) -> Response:
    """The file, or the way to the page that tells of it. `form` is one that it has, anything else is 404."""
    if form not in export.forms:
        raise HTTPException(404)
    jobs = site_of(request).exports
    try:
        job = jobs.begin(export, form)
    except (TooManyFiles, DiskFull) as exc:
        return _refusal(request, exc)
    await note_alone(site_of(request).database, export.account.account_id, "exported", request, export.name)
    navigates = "text/html" in request.headers.get("accept", "")
    try:
        async with asyncio.timeout(_PATIENCE_S if navigates else None):
            await job.done.wait()
    except TimeoutError:
        return redirect(f"/exports/{job.id}")
    except asyncio.CancelledError:  # nobody waits any more
        jobs.drop(job)
        raise
    return of_job(request, jobs, job, once=True)


def of_job(request: Request, jobs: Jobs, job: Job, *, once: bool) -> Response:
    """The file that is ready, or why there is none. One that is fetched `once` goes with its sending."""
    if job.error is None:
        return FileSent(jobs, job, once)
    jobs.drop(job)
    if isinstance(job.error, (FileTooLarge, DiskFull)):
        return _refusal(request, job.error)
    raise job.error


def _refusal(request: Request, error: Exception) -> Response:
    match error:
        case TooManyFiles():
            return render(request, NoFile(reason="many"), 429, {"Retry-After": "30"})
        case FileTooLarge():
            return render(request, NoFile(reason="large"), 422)
        case _:
            return render(request, NoFile(reason="full"), 507)


class FileSent(StreamingResponse):
    """A file in pieces, each of which has to be taken in time. One that is fetched `once` goes with its sending."""

    def __init__(self, jobs: Jobs, job: Job, once: bool) -> None:
        self._jobs, self._job, self._once = jobs, job, once
        job.sending += 1
        self._file = job.path.open("rb")
        size = job.path.stat().st_size
        if once:
            job.remove()  # what is open stays readable
        name = quote(job.export.name)
        disposition = f"attachment; filename=\"export.{job.form}\"; filename*=UTF-8''{name}.{job.form}"
        headers = {"Content-Disposition": disposition, "Cache-Control": "no-store", "Content-Length": str(size)}
        super().__init__(self._pieces(), media_type=MEDIA_TYPES[job.form], headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: object) -> None:
            async with asyncio.timeout(_WRITE_S):
                await send(message)  # type: ignore[arg-type]

        try:
            await super().__call__(scope, receive, send_in_time)
        finally:
            self._file.close()
            self._job.sending -= 1
            if self._once:
                self._jobs.drop(self._job)

    async def _pieces(self) -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(self._file.read, _PIECE_BYTES):
            yield piece
