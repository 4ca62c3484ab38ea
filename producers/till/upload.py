"""Uploads event files: what `weboffice upload` and `weboffice-till.pyz upload` have in common."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from producers.till.client import Sent, TillClient
from producers.till.files import take_over
from producers.till.look import BadLines, Check, Looker
from producers.till.uploaded import Uploaded
from schemas.errors import UsageError
from schemas.limits import MAX_EVENTS

_LINE_EVERY_S = 5.0
TOKEN = "WEBOFFICE_TOKEN"
READABLE = f"others on this machine can read a token on the command line; {TOKEN} or --token-file hide it"


class Upload(NamedTuple):
    """What to upload, from where, with which patience (seconds; 0: for ever).

    `check` looks at a batch; without one the service is asked to. `language` is that of reasons, "ru" or "en".
    """

    url: str
    token: str
    home: Path
    files: Sequence[Path]
    spool: Path | None = None
    give_up_after: float = 60.0
    batch: int = MAX_EVENTS
    send_the_good: bool = False
    check: Check | None = None
    language: str = "en"


class Show(Protocol):
    """Told of progress: bytes of the files that were looked at, then bytes sent and events acknowledged."""

    def looked(self, position: int) -> None: ...

    def sent(self, position: int, events: int) -> None: ...


def spool_folder(home: Path, url: str, token: str) -> Path:
    """Where the spool of an address and token is, by default."""
    return home / "spools" / sha256(f"{url.rstrip('/')}\n{token}".encode()).hexdigest()[:24]


def upload_files(upload: Upload, bad: BadLines, show: Show) -> Uploaded:
    """Look at the files whole, then send their events; nothing of them where any line is none, unless the good ones
    are to be sent. The bad lines come into `bad`.

    Killed or broken off, it goes on where it stopped when it is called again. Raises `WebOfficeError`.
    """
    spool = upload.spool or spool_folder(upload.home, upload.url, upload.token)
    stamps = upload.home / "spool-stamps"
    patience = upload.give_up_after or None
    with TillClient(upload.url, upload.token, spool, state_dir=stamps, batch_events=upload.batch) as client:
        sent, files, before = list[Sent](), list[dict[str, Any]](), 0

        def send(position: int) -> None:
            sent.append(client.send(patience))
            show.sent(before + position, sum(each.events for each in sent))

        def looked(position: int) -> None:
            show.looked(before + position)

        sent.append(client.send(patience))  # what an earlier call left behind
        check = upload.check or client.check(upload.language, patience)
        looker, sizes = Looker(check, upload.language == "en", bad), list[int]()
        for number, path in enumerate(upload.files):
            sizes.append(looker.look_at(number, path, looked))
            before += path.stat().st_size
        looked(0)
        if not bad.lines or upload.send_the_good:
            before = 0
            for number, path in enumerate(upload.files):
                taken = take_over(client, path, send, until=sizes[number], without=bad.numbers(number))
                files.append({"file": path.name, "events": taken.events, "bytes_before": taken.bytes_before})
                before += path.stat().st_size
            show.sent(before, sum(each.events for each in sent))
        return Uploaded(client.spool.run, sent, client.pending, files, bad, upload.send_the_good)


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

    def looked(self, position: int) -> None:
        self._say(position, f"{self._percent(position)} % looked at", at_the_end=False)

    def sent(self, position: int, events: int) -> None:
        self._say(position, f"{self._percent(position)} %, {events} events acknowledged", at_the_end=True)

    def _percent(self, position: int) -> int:
        return position * 100 // max(self._total, 1)

    def _say(self, position: int, line: str, *, at_the_end: bool) -> None:
        due = time.monotonic() - self._at >= _LINE_EVERY_S or (at_the_end and position >= self._total)
        if line != self._last and due:
            self._at, self._last = time.monotonic(), line
            self._write(line)
