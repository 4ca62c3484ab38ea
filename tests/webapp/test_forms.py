"""What a form sends is read with a bound, in one place, and never reaches the disk."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from starlette.routing import Mount, Route

from ops.settings import Settings
from tests.webapp.served import Served, served_portal
from tests.webapp.visitor import Visitor
from webapp.app import Portal

ROOT = Path(__file__).parents[2]
MEBIBYTE = 2**20
BOUNDARY = "boundary"
EMPTY_ID = "00000000-0000-0000-0000-000000000000"
# Forms that are one button, and what is answered to their being pressed; what else is sent is not looked at. And forms
# that are not offered: without a second factor, without an address of support.
BUTTONS = {
    "/account/second-factor/codes": 404,
    "/account/second-factor/off": 404,
    "/account/sessions/end-others": 303,
    "/account/delete/keep": 303,
    "/licences/invoices/x/cancel": 404,
    "/not-me/x": 410,
    "/notices/telegram/code": 303,
    "/notices/telegram/unlink": 303,
    "/support": 404,
    "/change-email/x": 410,
    "/sign-in/x": 410,
}


@pytest.fixture
def served(service_settings: Settings) -> Iterator[Served]:
    settings = msgspec.structs.replace(service_settings, payment_secret="whsec_" + "A" * 32)
    with served_portal(settings) as portal:
        yield portal


@pytest.mark.asvs("V5.2.1", "`request.form()` reads the form")
async def test_a_large_form_is_refused_and_written_nowhere(visitor: Visitor, served: Served) -> None:
    """64 MiB to one form, and 2 MiB to every other address that takes something: a refusal each time, nothing on the
    disk, no more memory; whatever kind of form it is, and whether its length is announced or not."""
    await visitor.join()
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.http.cookies.items())
    headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=served.url, headers=headers, timeout=60) as browser:
        await _send(browser, "/theme", False, MEBIBYTE // 16, True)
        written, memory = served.written_bytes(), served.memory_bytes_max()
        sizes = dict.fromkeys(posts(visitor.portal), 2 * MEBIBYTE) | {"/theme": 64 * MEBIBYTE}
        for multipart in (False, True):
            for announced in (False, True):
                for path, size in sizes.items():
                    status = await _send(browser, path, multipart, size, announced)
                    too_large = {413} if announced or not multipart else {413, 415}
                    nothing_read = status == BUTTONS.get(
                        path, 404 if EMPTY_ID in path or path.startswith("/demo/") else 0
                    )
                    assert status in too_large or nothing_read, (path, status)
    assert served.written_bytes() - written < 2 * MEBIBYTE
    assert served.memory_bytes_max() - memory < 16 * MEBIBYTE


async def test_files_are_no_form(visitor: Visitor) -> None:
    """A form with files, however small, is 415: no page of ours sends one."""
    answer = await visitor.http.post("/theme", files={"theme": b"dark"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 415


def test_bodies_are_read_in_one_place() -> None:
    """The portal reads bodies in `webapp.forms`, the gateway in its `body`: both have bounds, and nothing else reads
    any."""
    readers = set()
    for package in ("webapp", "producers/gateway", "ops"):
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text())
            if not any(
                isinstance(node, ast.ImportFrom) and (node.module or "").startswith("starlette")
                for node in ast.walk(tree)
            ):
                continue
            readers |= {
                (path.relative_to(ROOT).as_posix(), name)
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                and (of := ast.unparse(node.func).rpartition("."))
                and (name := of[2])
                in ({"form", "body", "stream", "json"} if of[0] else set()) | {"receive", "_receive", "parse_body"}
            }
    assert readers == {
        ("webapp/forms.py", "stream"),
        ("producers/gateway/body.py", "receive"),
        ("producers/gateway/answers.py", "receive"),  # reads away what was refused, up to a bound
        ("webapp/hangup.py", "receive"),  # waits for the end of a GET, and keeps nothing
    }


def posts(portal: Portal) -> list[str]:
    """The addresses that take something from a browser or a payment provider, with ids of nothing in them."""
    found = []
    for mount in portal.routes():
        if isinstance(mount, Mount):
            for route in mount.routes:
                if isinstance(route, Route) and "POST" in (route.methods or ()):
                    values = {name: EMPTY_ID if "id" in name else "x" for name in route.param_convertors}
                    found.append(route.path_format.format(**values))
    assert "/sign-in" in found
    return sorted(set(found) - {"/sign-out"})


async def _send(browser: httpx.AsyncClient, path: str, multipart: bool, size: int, announced: bool) -> int:
    """Sends a form of about `size` bytes and gives the status of the answer."""
    content_type, head, tail = "application/x-www-form-urlencoded", b"theme=", b""
    if multipart:
        content_type = f"multipart/form-data; boundary={BOUNDARY}"
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="theme"; filename="x"\r\n\r\n'.encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    piece = b"a" * (MEBIBYTE // 16)
    count = size // len(piece)

    async def content() -> AsyncIterator[bytes]:
        yield head
        for _ in range(count):
            yield piece
        yield tail

    length = {"Content-Length": str(len(head) + count * len(piece) + len(tail))} if announced else {}
    answer = await browser.post(path, content=content(), headers={"Content-Type": content_type, **length})
    return answer.status_code
