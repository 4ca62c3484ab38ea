"""A small real gateway for the till client: validates as the real one does, records what it took, fails on demand."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import uvicorn
from msgspec import Raw, Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from producers.gateway.words import of_fault
from schemas.errors import UploadRefused
from schemas.uploads import check, parse

Answer = Response | None
"""None stands for: go on as a gateway does."""


class Body(Struct):
    """An upload with its events as they were sent."""

    run: str
    first_seq: int
    events: list[Raw]


class Gateway:
    """`taken` has the first content acknowledged or written for each (run, number); `before` may answer instead.

    `after` may answer instead once the batch is written, which is what an unknown outcome looks like.
    """

    def __init__(self) -> None:
        self.url = ""
        self.taken: dict[tuple[str, int], bytes] = {}
        self.changed: list[tuple[str, int]] = []
        self.uploads: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self.before: Callable[[Body], Answer] = lambda body: None
        self.after: Callable[[Body], Answer] = lambda body: None
        self.checks = 0
        self.old = False
        """Whether it is of version 0.1.0, which knows nothing of `check=1`."""
        self.state: Callable[[str], Answer] = lambda run: None

    def events(self) -> list[dict[str, Any]]:
        """The events taken, by run and number."""
        return [msgspec.json.decode(content) for _, content in sorted(self.taken.items())]

    async def upload(self, request: Request) -> Response:
        packed = await request.body()
        plain = gzip.decompress(packed) if request.headers.get("content-encoding") == "gzip" else packed
        try:
            body = msgspec.json.decode(plain, type=Body)
        except msgspec.DecodeError:
            return error(400, "not_json")
        if request.query_params.get("check") == "1" and not self.old:
            return self.check(plain, request.headers.get("accept-language", ""))
        self.uploads.append(body)
        self.headers.append(dict(request.headers))
        if answer := self.before(body):
            return answer
        try:
            parse(plain)
        except UploadRefused as exc:
            return error(exc.status, exc.code, exc.detail, exc.at)
        for seq, event in enumerate(body.events, body.first_seq):
            if self.taken.setdefault((body.run, seq), bytes(event)) != bytes(event):
                self.changed.append((body.run, seq))
        return self.after(body) or accepted(body)

    def check(self, plain: bytes, language: str) -> Response:
        """The answer to a batch that is only looked at."""
        self.checks += 1
        checked = check(plain)
        errors = [{"at": f.at, "code": f.code, "detail": of_fault(f, language == "en")} for f in checked.faults]
        return Response(msgspec.json.encode({"valid": checked.valid, "errors": errors}), media_type="application/json")

    async def runs(self, request: Request) -> Response:
        run = request.query_params["run"]
        if answer := self.state(run):
            return answer
        spans: list[list[int]] = []
        for seq in sorted(seq for of, seq in self.taken if of == run):
            if spans and spans[-1][1] == seq - 1:
                spans[-1][1] = seq
            else:
                spans.append([seq, seq])
        through = spans.pop(0)[1] if spans and spans[0][0] == 1 else 0
        content = msgspec.json.encode({"applied_through": through, "waiting": spans})
        return Response(content, media_type="application/json")


class Dropped(Response):
    """An answer that breaks off: the client can't know what became of its upload."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"1000")]})


def accepted(body: Body) -> Response:
    answer = {"accepted": len(body.events), "next_seq": body.first_seq + len(body.events)}
    return Response(msgspec.json.encode(answer), 202, media_type="application/json")


def error(status: int, code: str, detail: str = "", at: str = "", **headers: str) -> Response:
    content = msgspec.json.encode({"error": code, "detail": detail, "at": at})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(content, status, named, media_type="application/json")


@contextmanager
def serving() -> Iterator[Gateway]:
    """A gateway on a free port of loopback, until the end of the block."""
    gateway = Gateway()
    routes = [
        Route("/api/v1/uploads", gateway.upload, methods=["POST"]),
        Route("/api/v1/uploads/state", gateway.runs, methods=["GET"]),
    ]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(Starlette(routes=routes), log_level="critical", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            thread.join(0.01)
        gateway.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield gateway
        finally:
            server.should_exit = True
            thread.join(10)
