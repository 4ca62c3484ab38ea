"""The till client: what a till program copies or imports to get its events into Веб-офис.

    with TillClient("https://example.ru", token, Path("/var/lib/till/spool")) as till:
        till.append({"type": "sale.registered", "at": "2026-03-01T12:00:00+03:00", …})  # durable from here on
        till.send()  # whenever there may be a network; events wait in the spool until then

`append` and `send` may be called from different threads. Needs the standard library alone. Call `send` every hour even
if nothing waits: the client then asks what the service still has, and sends again what it lost.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import quote

from producers.till.answers import (
    Accepted,
    Decision,
    Refused,
    Span,
    Stop,
    TooLarge,
    TryAgain,
    decide,
    gaps,
    known_spans,
)
from producers.till.attempts import Attempts
from producers.till.check import ServiceCheck, faults
from producers.till.connection import Answer, Connection, NoAnswer
from producers.till.encoding import FRAME_BYTES, Event, encoded, readable
from producers.till.errors import UploadStopped
from producers.till.spool import Spool
from producers.till.state import Batch, Numbers, Source
from producers.till.withdrawal import withdrawal
from schemas.errors import UsageError
from schemas.limits import MAX_BYTES, MAX_EVENTS

_GZIP_LEVEL = 5
_UPLOADS = "/api/v1/uploads"
_CHECK = f"{_UPLOADS}?check=1"
_ASK_EVERY_S, _ASK_AGAIN_S = 3600.0, 60.0
_ON_ITS_WAY_S = 600.0  # what was acknowledged since may not be applied yet


class Withdrawal(NamedTuple):
    """An event that the gateway refused, and that went out as `event.withdrawn` instead."""

    run: str
    seq: int
    at: str
    reason: str


class Sent(NamedTuple):
    """What a call of `send` brought to the gateway."""

    events: int
    uploads: int
    withdrawn: list[Withdrawal]


def state_directory() -> Path:
    """Where spools are remembered outside themselves: `weboffice/spools` in the user's state directory."""
    if sys.platform == "win32":
        state = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    else:
        state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "weboffice" / "spools"


class TillClient(AbstractContextManager["TillClient"]):
    """Spools a till's events and sends them in order, each once (see `Spool` for what survives what).

    A spool belongs to one till for good: its token may be replaced, but a spool under the token of another till would
    leave a hole there. `state_dir` must not lie in the spool, nor be backed up with it. `batch_bytes` counts unpacked
    bytes. An answer that takes longer than `timeout` seconds is an unknown outcome. `sleep`, `clock` (seconds,
    monotonic), `now` and `chance` (0 ≤ x < 1) are there for tests and for callers that want to interrupt a pause.
    """

    def __init__(
        self,
        url: str,
        token: str,
        spool_dir: Path,
        *,
        state_dir: Path | None = None,
        batch_events: int = 100,
        batch_bytes: int = 1024 * 1024,
        timeout: float = 60,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        if not 1 <= batch_events <= MAX_EVENTS or not 1 <= batch_bytes <= MAX_BYTES - FRAME_BYTES:
            raise ValueError(f"a batch holds 1..{MAX_EVENTS} events and less than {MAX_BYTES} bytes")
        if not token.isascii() or not token.isprintable():
            raise UsageError("a token is plain ASCII")
        self._http, self._token = Connection(url, timeout), token
        self._batch_events, self._batch_bytes = batch_events, batch_bytes
        self._cut: int | None = None  # fewer events than `batch_events`, while the gateway wants that
        self._sleep, self._clock, self._now, self._chance = sleep, clock, now, chance
        self._sending = Lock()
        self._confirmed: str | None = None  # the run that was compared with what the gateway knows
        self._ask_at = -math.inf
        self.spool = Spool(spool_dir, state_dir or state_directory(), clock=lambda: now().timestamp())

    def append(self, events: Event | Sequence[Event], sources: Mapping[str, Source] | None = None) -> Numbers:
        """Accept one event or several, all or none: durable once this returns. People's names are shortened first.

        Raises `EventUnfit`, `SpoolFull` or another `SpoolError`; then nothing was accepted.
        """
        several = events if isinstance(events, Sequence) else [events]
        return self.spool.append([encoded(event) for event in several], sources)

    def check(self, language: str, give_up_after: float | None = None) -> ServiceCheck | None:
        """What the service says of a batch, in "ru" or "en"; None where it is too old to look at one.

        Raises like `send`.
        """
        attempts = Attempts(give_up_after, self._sleep, self._clock, self._chance)
        check = ServiceCheck(self._http, self._token, language, attempts, self._now)
        return check if check.known() else None

    @property
    def pending(self) -> int:
        """How many events wait to be sent."""
        return self.spool.pending

    def send(self, give_up_after: float | None = None, progress: Callable[[int], None] = lambda count: None) -> Sent:
        """Send until nothing waits. `progress` is told the number of events of each acknowledged upload.

        Tries again for ever, or raises `GaveUp` after `give_up_after` seconds without progress. Raises `UploadStopped`
        where trying again can't help, and `SpoolError`. In any case what is not acknowledged stays in the spool.
        """
        with self._sending:
            return self._send(Attempts(give_up_after, self._sleep, self._clock, self._chance), progress)

    def _send(self, attempts: Attempts, progress: Callable[[int], None]) -> Sent:
        if not self.spool.begun_here and self._confirmed != self.spool.run:
            self._confirm_run(attempts)
        events, uploads, withdrawn = 0, 0, list[Withdrawal]()
        self._look_for_lost()
        while batch := self.spool.batch(self._cut or self._batch_events, self._batch_bytes):
            decision = self._post(batch)
            match decision:
                case Accepted():
                    self.spool.acknowledge(batch)
                    attempts.succeeded()
                    events, uploads = events + len(batch.events), uploads + 1
                    self._cut = self._cut * 2 if self._cut and self._cut * 2 < self._batch_events else None
                    progress(len(batch.events))
                case TryAgain():
                    attempts.failed(decision)
                case Refused() | TooLarge():
                    withdrawn += self._mend(batch, decision)
                case Stop():
                    raise UploadStopped(decision.message, decision.status)
            self._look_for_lost()
        return Sent(events, uploads, withdrawn)

    def state(self) -> dict[str, Any] | None:
        """What the service says of the current run (`applied_through`, `zone`, …); None where it does not say now.

        Raises `UploadStopped` where asking again can't help.
        """
        try:
            answer = self._state(self.spool.run)
        except NoAnswer:
            return None
        if answer.status == 200:
            content: dict[str, Any] = json.loads(answer.content)
            return content
        decision = decide(answer.status, answer.headers, answer.content, first_seq=0, count=0, now=self._now())
        if isinstance(decision, Stop):
            raise UploadStopped(decision.message, decision.status)
        return None

    def close(self) -> None:
        """Let the spool and the connection go; what waits stays in the spool."""
        self.spool.close()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _mend(self, batch: Batch, decision: Refused | TooLarge) -> list[Withdrawal]:
        """Cut the batch down to the event that is refused, and withdraw it once it is known which one that is."""
        if isinstance(decision, Refused):
            position, at = decision.position, decision.at
        else:
            position, at = None, ""
            if len(batch.events) == 1 and not decision.by_gateway:  # a proxy on the way has a limit of its own
                raise UploadStopped("an upload of a single event is too large for a server on the way", 413)
        if position is None and len(batch.events) > 1:
            self._cut = len(batch.events) // 2
            return []
        wrong = {position or 0: (at, decision.reason)}
        if len(batch.events) > 1:
            wrong = self._all_wrong(batch) | wrong
        return [self._withdraw(batch, position, *why) for position, why in sorted(wrong.items())]

    def _withdraw(self, batch: Batch, position: int, at: str, reason: str) -> Withdrawal:
        seq = batch.first_seq + position
        event = withdrawal(batch.events[position], at, reason, self._now())
        if not self.spool.withdraw(batch.run, seq, event):
            raise UploadStopped(f"the gateway refuses event.withdrawn: {reason}", 422)
        return Withdrawal(batch.run, seq, at, reason)

    def _all_wrong(self, batch: Batch) -> dict[int, tuple[str, str]]:
        """Place and reason by the position of each event of a refused batch that is wrong, so that each takes no
        upload of its own. Empty where the service does not say: an older one refuses the batch once more."""
        try:
            found = faults(self._ask(_CHECK, batch))
        except NoAnswer:
            return {}
        positions = range(len(batch.events))
        return {
            f.position: (f.at, f.reason) for f in reversed(found) if f.position is not None and f.position in positions
        }

    def _post(self, batch: Batch) -> Decision:
        try:
            answer = self._ask(_UPLOADS, batch)
        except NoAnswer as exc:
            return TryAgain(str(exc))
        decision = decide(*answer, first_seq=batch.first_seq, count=len(batch.events), now=self._now())
        if isinstance(decision, Stop) and decision.status == 400:
            # Version 0.2.0 took 1e999 into the spool, which is then no JSON.
            for position, event in enumerate(batch.events):
                if not readable(event):
                    return Refused(position, f"events[{position}]", decision.message)
        return decision

    def _ask(self, path: str, batch: Batch) -> Answer:
        body = b'{"run":"%b","first_seq":%d,"events":[%b]}' % (
            batch.run.encode(),
            batch.first_seq,
            b",".join(batch.events),
        )
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", **self._authorization()}
        return self._http.request("POST", path, headers, gzip.compress(body, _GZIP_LEVEL, mtime=0))

    def _confirm_run(self, attempts: Attempts) -> None:
        """Ask once what the gateway knows of the run: more than was sent from here means an older copy of the spool."""
        while True:
            try:
                answer = self._state(self.spool.run)
            except NoAnswer as exc:
                attempts.failed(TryAgain(str(exc)))
                continue
            if (known := _known(answer)) is not None:
                self.spool.resume_after(max(last for _, last in known))
                self._confirmed = self.spool.run
                attempts.succeeded()
                return
            # A 4xx that is final for an upload is final here too; anything else may pass.
            decision = decide(answer.status, answer.headers, b"", first_seq=0, count=0, now=self._now())
            if isinstance(decision, Stop):
                raise UploadStopped(decision.message, decision.status)
            attempts.failed(decision if isinstance(decision, TryAgain) else TryAgain(f"answer {answer.status}"))

    def _look_for_lost(self) -> None:
        """Once an hour: what was acknowledged, and the service no longer has, waits again.

        A service whose log was lost, or that was put back to an older state, gets it back this way. Nothing is held up
        where there is no answer: it is asked again soon.
        """
        if self._clock() < self._ask_at:
            return
        self._ask_at = self._clock() + _ASK_AGAIN_S
        before = self._now().timestamp() - _ON_ITS_WAY_S
        for run in self.spool.kept_runs(before):
            try:
                known = _known(self._state(run))
            except NoAnswer:
                return
            if known is None:
                return
            self.spool.send_again(run, gaps(known), before)
        self._ask_at = self._clock() + _ASK_EVERY_S

    def _state(self, run: str) -> Answer:
        return self._http.request("GET", f"{_UPLOADS}/state?run={quote(run)}", self._authorization())

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}


def _known(answer: Answer) -> list[Span] | None:
    return known_spans(answer.content) if answer.status == 200 else None
