"""What compose.yaml starts inside our own image: passwords are made once, and health is what the address answers."""

from __future__ import annotations

import stat
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ops.compose import healthy, passwords
from ops.infrastructure.ports import free_port


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("postgres", "weboffice", "grafana"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_passwords_are_made_once_and_stay(folder: Path) -> None:
    """The first start makes different passwords, the second changes none; libpq's file is its owner's alone."""
    assert len(passwords.make(folder)) == 4
    before = {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert passwords.make(folder) == []
    assert {path: path.read_text() for path in folder.rglob("*") if path.is_file()} == before
    assert len({text for path, text in before.items() if path.name != "pgpass"}) == 3
    pgpass = folder / "weboffice/pgpass"
    assert stat.S_IMODE(pgpass.stat().st_mode) == 0o400
    assert pgpass.read_text() == f"*:*:*:weboffice:{before[folder / 'postgres/weboffice']}\n"


def test_a_start_that_was_cut_off_is_finished_by_the_next(folder: Path) -> None:
    """What is half written is written anew; what stands stays."""
    (folder / "postgres/superuser").write_text("kept")
    (folder / "postgres/.weboffice.new").write_text("ha")
    made = passwords.make(folder)
    assert (folder / "postgres/superuser").read_text() == "kept"
    assert len((folder / "postgres/weboffice").read_text()) > 40
    assert len(made) == 3


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that http.server asks for
        self.send_response(200 if self.path == "/good" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_healthy_is_who_answers_2xx() -> None:
    """200 is healthy; 503 and nobody there are not."""
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        assert healthy.answers(f"{url}/good")
        assert not healthy.answers(f"{url}/bad")
    finally:
        server.shutdown()
        server.server_close()
    assert not healthy.answers(f"http://127.0.0.1:{free_port()}/good", timeout=1)
