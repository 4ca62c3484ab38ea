"""Has the service look at a batch (`POST /api/v1/uploads?check=1`): it knows what an event is, a till need not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from producers.till.answers import Stop, TryAgain, decide
from producers.till.attempts import Attempts
from producers.till.connection import Answer, Connection, NoAnswer
from producers.till.errors import UploadStopped
from producers.till.look import Fault, NotChecked

_PATH = "/api/v1/uploads?check=1"
_NOTHING = b'{"run":"%b","first_seq":1,"events":[]}' % str(UUID(int=0)).encode()
_ABOUT_THE_BATCH = {400, 413, 422}


class ServiceCheck:
    """Asks the service; patient as `attempts` is. Raises `UploadStopped`, `GaveUp`, `UsageError`."""

    def __init__(
        self, http: Connection, token: str, language: str, attempts: Attempts, now: Callable[[], datetime]
    ) -> None:
        self._http, self._attempts, self._now = http, attempts, now
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept-Language": language,
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }

    def known(self) -> bool:
        """Whether the service looks at batches. One of version 0.1.0 would take them, so it is asked with none."""
        return self._answer(_NOTHING).status == 200

    def __call__(self, body: bytes) -> list[Fault]:
        """All that is wrong with a batch."""
        answer = self._answer(body)
        document = _object(answer.content)
        if answer.status != 200:
            reason = str(document.get("detail") or f"answer {answer.status}")
            raise NotChecked(Fault(str(document.get("at") or ""), str(document.get("error") or "refused"), reason))
        return faults(answer)

    def _answer(self, body: bytes) -> Answer:
        """An answer that says something of the batch."""
        packed = gzip.compress(body, 5, mtime=0)
        while True:
            try:
                answer = self._http.request("POST", _PATH, self._headers, packed)
            except NoAnswer as exc:
                self._attempts.failed(TryAgain(str(exc)))
                continue
            document = _object(answer.content)
            if "errors" in document if answer.status == 200 else answer.status in _ABOUT_THE_BATCH:
                self._attempts.succeeded()
                return answer
            decision = decide(answer.status, answer.headers, answer.content, first_seq=0, count=-1, now=self._now())
            if isinstance(decision, Stop):
                raise UploadStopped(decision.message, decision.status)
            self._attempts.failed(decision if isinstance(decision, TryAgain) else TryAgain(f"answer {answer.status}"))


def faults(answer: Answer) -> list[Fault]:
    """What an answer says is wrong; nothing where it is not such an answer."""
    errors = _object(answer.content).get("errors") if answer.status == 200 else None
    return [
        Fault(str(error.get("at") or ""), str(error.get("code")), str(error.get("detail")))
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    ]


def _object(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
