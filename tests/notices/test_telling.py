"""`weboffice work tell` as a process of its own, killed at each step; a server takes its letters."""

from __future__ import annotations

import contextlib
import os
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import psycopg

from ops.settings import Settings
from schemas.failpoints import VARIABLE
from tests.service import environment, wait_until
from tests.webapp.shop import Shop

STEPS = ("before_commit", "after_commit", "before_send", "before_sent", "after_sent")


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks SMTP; `subjects` are those of the letters it has taken."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self) -> None:
        self.subjects: list[str] = []
        super().__init__(("127.0.0.1", 0), _Session)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.subjects.append(str(message_from_bytes(letter, policy=default)["Subject"]))
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")


@contextlib.contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def telling(settings: Settings, smtp_url: str, fail_points: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process; it is ended at the end, if it has not ended before."""
    given = {"WEBOFFICE_SMTP_URL": smtp_url, "WEBOFFICE_PUBLIC_URL": "http://office.test", VARIABLE: str(fail_points)}
    with (settings.home.parent / "tell.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ops", "work", "tell"],
            env={**environment(settings), **given},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def test_killed_at_each_step_it_loses_nothing(service_settings: Settings, postgres: str, tmp_path: Path) -> None:
    """Killed before and after what is told is committed, before the letter is handed over, before and after that is
    noted: the owner gets the letter twice, since it died once between the server's answer and the commit, and is told
    of the next alarm once."""
    shop = Shop(postgres)
    shop.change("UPDATE app.accounts SET trial_until = now() + interval '60 hours'")
    service_settings.home.mkdir(parents=True, exist_ok=True)
    with mail_server() as server:
        sent = []
        for step in STEPS:
            (tmp_path / f"tell.{step}").touch()
            with telling(service_settings, server.url, tmp_path) as process:
                assert process.wait(60) == -signal.SIGKILL, step
            sent.append(len(server.subjects))
        assert sent == [0, 0, 0, 1, 2]
        shop.change("UPDATE app.accounts SET trial_until = now() + interval '20 days'")
        with telling(service_settings, server.url, tmp_path) as process:
            wait_until(lambda: len(server.subjects) > 2, "the end of the alarm was not told")
        assert process.returncode == 0
    assert os.listdir(tmp_path) == []
    assert server.subjects[0] == server.subjects[1] != server.subjects[2]
    with psycopg.connect(postgres) as connection:
        rows = connection.execute("SELECT sent_at IS NOT NULL, attempts FROM app.messages ORDER BY message_id")
        assert rows.fetchall() == [(True, 1), (True, 1)]
        assert connection.execute("SELECT count(*), count(over_at) FROM app.alarms").fetchone() == (1, 1)
