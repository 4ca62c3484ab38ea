"""Plays the cases of `till`: by a command that starts the till program, or by a person who starts it by hand."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from producers.conformance.cases import Cases, Start, TillCase
from producers.conformance.judge import Fault, faults
from producers.conformance.network import serving
from producers.conformance.service import Service
from schemas.errors import UsageError

_TOKEN = "wo_till_conform"
_LONGEST_START_S = 60.0
_LOOPBACK = ("127.0.0.1", "localhost")
Say = Callable[[str], None]


class Played(Struct, frozen=True):
    """A case, and what was wrong in it; `tried` is false where it could not be played this way."""

    name: str
    title: str
    tried: bool
    faults: list[Fault]


class Setting(NamedTuple):
    """Where the till program is pointed to, and in whose language it is told what is wrong."""

    url: str
    english: bool

    @property
    def port(self) -> int:
        """Raises `UsageError` where it is no address on this machine."""
        try:
            parts = urlsplit(self.url)
            if parts.scheme == "http" and parts.hostname in _LOOPBACK and parts.path in ("", "/"):
                return 80 if parts.port is None else parts.port
        except ValueError:
            pass
        raise UsageError("the till program is pointed at an address of this machine, such as http://127.0.0.1:8099")


def by_command(cases: Cases, chosen: Sequence[TillCase], setting: Setting, command: str) -> Iterator[Played]:
    """Each case with a spool and a service of its own. In `command` stand `{url}`, `{spool}` (a folder) and `{events}`
    (a JSON Lines file to be taken in); `{clock_ahead}` where the program can be told that its clock is ahead.

    The token comes as `WEBOFFICE_TOKEN`. The program takes the events in, sends what it can, and ends.
    """
    current: list[Service] = []
    with serving(setting.port, lambda: current[-1] if current else None) as port:
        url = f"http://127.0.0.1:{port}"
        for case in chosen:
            title = case.en if setting.english else case.ru
            if "{clock_ahead}" not in command and any(start.clock_ahead for start in case.starts):
                yield Played(case.name, title, False, [])
                continue
            with tempfile.TemporaryDirectory(prefix="conform-", ignore_cleanup_errors=True) as folder:
                till = _Till(command, url, Path(folder))
                service = Service(_TOKEN, setting.english, till.kill)
                current.append(service)
                wrong = till.play(cases, case, service)
            yield Played(case.name, title, True, wrong)


class _Till:
    """The till program of one case, started and ended."""

    def __init__(self, command: str, url: str, folder: Path) -> None:
        self._command, self._url, self._folder = command, url, folder
        self._spool = folder / "spool"
        self._process: subprocess.Popen[bytes] | None = None
        self._taken_in = 0

    def kill(self) -> None:
        """As if the power were cut."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                if sys.platform == "win32":
                    self._process.kill()
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)

    def play(self, cases: Cases, case: TillCase, service: Service) -> list[Fault]:
        ended = [self._run(cases, start, number, service) for number, start in enumerate(case.starts)]
        found = faults(service.log, service.kept, service.lost)
        if not all(ended):
            found.append(Fault("did_not_end", f"{_LONGEST_START_S:g} s"))
        came = {msgspec.json.decode(event).get("sale_id") for event in service.kept.values()}
        refused = sum(b"event.withdrawn" in event for event in service.kept.values())
        absent = [n for n in range(1, self._taken_in + 1) if f"conform-{n}" not in came]
        if len(absent) > refused and not found:
            found.append(Fault("events_lost", ", ".join(f"sale_id conform-{n}" for n in absent[:5])))
        return found

    def _run(self, cases: Cases, start: Start, number: int, service: Service) -> bool:
        copy = self._folder / "copy"
        if start.save:
            shutil.copytree(self._spool, copy)
        if start.restore:
            shutil.rmtree(self._spool)
            shutil.copytree(copy, self._spool)
        file = self._folder / f"events-{number}.jsonl"
        new = range(self._taken_in + 1, self._taken_in + start.events + 1)
        file.write_bytes(b"".join(msgspec.json.encode(cases.event(n)) + b"\n" for n in new))
        self._taken_in += start.events
        service.begin(start)
        values = {
            "{url}": self._url,
            "{spool}": str(self._spool),
            "{events}": str(file),
            "{clock_ahead}": str(start.clock_ahead),
        }
        argv = [_filled(word, values) for word in shlex.split(self._command)]
        environment = {
            **os.environ,
            "WEBOFFICE_TOKEN": _TOKEN,
            "WEBOFFICE_HOME": str(self._folder / "home"),
            "XDG_STATE_HOME": str(self._folder / "state"),
        }
        with (self._folder / "output").open("wb") as output:
            try:
                self._process = subprocess.Popen(
                    argv, env=environment, stdout=output, stderr=output, start_new_session=True
                )
            except OSError as exc:
                raise UsageError(f"the command can't be started: {exc}") from exc
            try:
                self._process.wait(_LONGEST_START_S)
            except subprocess.TimeoutExpired:
                self.kill()
                self._process.wait()
                return start.revoked  # one that waits for another token is right, too
        return True


def _filled(word: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(name, value)
    return word


def by_hand(
    chosen: Sequence[TillCase], setting: Setting, patience_s: float, quiet_s: float, say: Say
) -> Iterator[Played]:
    """Each case that a person can play who makes sales in the till program, and starts it again when told to.

    A start is over once all of it has happened and nothing came for `quiet_s`; after `patience_s` it is given up.
    """
    current: list[Service] = []
    with serving(setting.port, lambda: current[-1] if current else None) as port:
        say(_HAND["point"][setting.english].format(url=f"http://127.0.0.1:{port}"))
        for case in chosen:
            title = case.en if setting.english else case.ru
            if not case.by_hand:
                yield Played(case.name, title, False, [])
                continue
            service = Service(None, setting.english)
            current.append(service)
            say(f"{case.name}: {title}")
            for number, start in enumerate(case.starts):
                service.begin(start)
                say(_HAND["again" if number else "sell"][setting.english].format(events=start.events))
                _wait(service, patience_s, quiet_s)
            yield Played(case.name, title, True, faults(service.log, service.kept, service.lost))


def _wait(service: Service, patience_s: float, quiet_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if service.settled and time.monotonic() - service.log[-1].at > quiet_s:
            return
        time.sleep(0.05)


_HAND = {
    "point": (
        "направьте программу кассы на {url}, ключ любой",
        "point the till program at {url}, with any token",
    ),
    "sell": ("  пробейте чеков: {events}", "  make sales: {events}"),
    "again": (
        "  закройте программу кассы, откройте снова и пробейте чеков: {events}",
        "  close the till program, start it again and make sales: {events}",
    ),
}
"""Russian, English."""
