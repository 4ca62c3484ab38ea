"""Uploads event files: what `weboffice upload` and `weboffice-till.pyz upload` have in common."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from producers.till.client import Sent, TillClient, Withdrawal
from producers.till.files import take_over
from schemas.errors import UsageError
from schemas.limits import MAX_EVENTS

_LINE_EVERY_S = 5.0
TOKEN = "WEBOFFICE_TOKEN"
READABLE = f"others on this machine can read a token on the command line; {TOKEN} or --token-file hide it"


class Upload(NamedTuple):
    """What to upload, from where, with which patience (seconds; 0: for ever)."""

    url: str
    token: str
    home: Path
    files: Sequence[Path]
    spool: Path | None = None
    give_up_after: float = 60.0
    batch: int = MAX_EVENTS


class Uploaded(NamedTuple):
    """What became of it."""

    run: str
    sent: list[Sent]
    waiting: int
    files: list[dict[str, Any]]

    @property
    def events(self) -> int:
        return sum(sent.events for sent in self.sent)

    @property
    def withdrawn(self) -> list[Withdrawal]:
        return [withdrawal for sent in self.sent for withdrawal in sent.withdrawn]

    def document(self) -> str:
        """The answer as JSON."""
        answer = {
            "run": self.run,
            "events": self.events,
            "uploads": sum(sent.uploads for sent in self.sent),
            "waiting": self.waiting,
            "files": self.files,
            "withdrawn": [withdrawal._asdict() for withdrawal in self.withdrawn],
        }
        return json.dumps(answer, ensure_ascii=False)

    def text(self) -> str:
        """The answer for people."""
        lines = [f"{self.events} events acknowledged in {sum(sent.uploads for sent in self.sent)} uploads"]
        lines += [f"refused: event {w.seq} at {w.at}: {w.reason}" for w in self.withdrawn]
        return "\n".join(lines)


def upload_files(upload: Upload, show: Callable[[int, int], None]) -> Uploaded:
    """Send the events of the files. `show` is told bytes of the files read and events acknowledged so far.

    Killed or broken off, it goes on where it stopped when it is called again. Raises `WebOfficeError`.
    """
    name = sha256(f"{upload.url.rstrip('/')}\n{upload.token}".encode()).hexdigest()[:24]
    spool = upload.spool or upload.home / "spools" / name
    stamps = upload.home / "spool-stamps"
    with TillClient(upload.url, upload.token, spool, state_dir=stamps, batch_events=upload.batch) as client:
        sent, files, before = list[Sent](), list[dict[str, Any]](), 0

        def send(position: int) -> None:
            sent.append(client.send(upload.give_up_after or None))
            show(before + position, sum(each.events for each in sent))

        send(0)  # what an earlier call left behind
        for path in upload.files:
            taken = take_over(client, path, send)
            files.append({"file": path.name, "events": taken.events, "bytes_before": taken.bytes_before})
            before += path.stat().st_size
        show(before, sum(each.events for each in sent))
        return Uploaded(client.spool.run, sent, client.pending, files)


def read_token(file: Path | None, environment: Mapping[str, str]) -> str:
    """The till's token out of a file, else out of the environment. Raises `UsageError`."""
    if file is None:
        token = environment.get(TOKEN, "")
    else:
        try:
            token = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise UsageError(f"the token can't be read from {file.name}: {exc}") from exc
    if not token.strip():
        raise UsageError(f"the till's token is missing: set {TOKEN}, or give --token-file FILE")
    return token.strip()


class Lines:
    """Says how far it is, in a line now and then and one at the end."""

    def __init__(self, total: int, write: Callable[[str], None]) -> None:
        self._total, self._write = total, write
        self._at, self._last = time.monotonic(), ""

    def __call__(self, done: int, events: int) -> None:
        line = f"{done * 100 // max(self._total, 1)} %, {events} events acknowledged"
        if line != self._last and (time.monotonic() - self._at >= _LINE_EVERY_S or done >= self._total):
            self._at, self._last = time.monotonic(), line
            self._write(line)
