"""The page of a file in the making: how far it is, and where it is fetched."""

from __future__ import annotations

import contextlib
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from webapp.context import Context
from webapp.exports.answer import of_job
from webapp.exports.jobs import Job
from webapp.page import OWNER, Page, Visit
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.routes import ActionRoute
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_

_LOOK_AGAIN_S = 2


class Preparing(Context, frozen=True):
    """A file in the making; `address` is where it is fetched once it is `ready`."""

    template = "exports/preparing.html"
    title = N_("Your file")

    name: str
    rows: int
    ready: bool
    address: str


async def progress(visit: Visit) -> Preparing | Response:
    """Looks again by itself, until the file is there or can't be had."""
    request = visit.request
    job = _job(request)
    if job.error is not None:
        return of_job(request, site_of(request).exports, job, once=True)
    context = Preparing(name=job.export.name, rows=job.rows, ready=job.ready, address=f"/exports/{job.id}/file")
    return render(request, context, headers={} if job.ready else {"Refresh": str(_LOOK_AGAIN_S)}, layout=visit.layout)


async def file(request: Request) -> Response:
    """`GET /exports/{secret}/file`: the file that is ready."""
    job = _job(request)
    if not job.done.is_set():
        return redirect(f"/exports/{job.id}")
    return of_job(request, site_of(request).exports, job, once=False)


def _job(request: Request) -> Job:
    account = required(request).account
    with contextlib.suppress(ValueError):
        if job := site_of(request).exports.find(UUID(request.path_params["secret"]), account):
            return job
    raise HTTPException(404)


PAGE = Page(path="/exports/{secret}", action="export", gate=OWNER, load=progress)
routes: list[BaseRoute] = [ActionRoute("/exports/{secret}/file", file, "export")]
