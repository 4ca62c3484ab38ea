"""Plays the cases of `gateway` against a server: requests, and what has to be answered."""

from __future__ import annotations

import gzip
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from producers.conformance.cases import Cases, GatewayCase, Step
from producers.conformance.judge import Fault
from producers.conformance.playing import Played
from producers.till.connection import Answer, Connection, NoAnswer
from schemas.errors import InfrastructureUnreachable

_TIMEOUT_S = 30.0
_EVENTUALLY_S = 30.0
_PAUSE_S = 0.2
_SHOWN = 300


def check(cases: Cases, chosen: Sequence[GatewayCase], url: str, token: str, english: bool = False) -> Iterator[Played]:
    """Each case, until its first step that is answered otherwise. Raises `InfrastructureUnreachable`."""
    http = Connection(url, _TIMEOUT_S)
    try:
        for case in chosen:
            run = str(uuid.uuid4())
            wrong: list[Fault] = []
            for number, step in enumerate(case.steps, 1):
                if found := _fault(http, cases, step, run, token):
                    wrong.append(Fault(f"{case.name}[{number}]", found))
                    break
            yield Played(case.name, case.en if english else case.ru, True, wrong)
    finally:
        http.close()


def _fault(http: Connection, cases: Cases, step: Step, run: str, token: str) -> str | None:
    deadline = time.monotonic() + _EVENTUALLY_S
    while True:
        answer = _ask(http, cases, step, run, token)
        wait = _waits(answer)
        found = None if wait else difference(step, answer)
        if not wait and (found is None or not step.eventually) or time.monotonic() > deadline:
            return found or (f"{answer.status}" if wait else None)
        time.sleep(wait or _PAUSE_S)


def _waits(answer: Answer) -> float:
    """Seconds that a server that is asked too fast, or is not ready, wants."""
    if answer.status not in (429, 503):
        return 0.0
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdigit() else 1.0


def _ask(http: Connection, cases: Cases, step: Step, run: str, token: str) -> Answer:
    headers = dict(step.headers)
    if token := token if step.token is None else step.token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        if step.state is not None:
            return http.request("GET", f"/api/v1/uploads/state?run={_with_run(step.state, run)}", headers)
        if step.get is not None:
            return http.request("GET", step.get, headers)
        path = "/api/v1/uploads?check=1" if step.check else "/api/v1/uploads"
        headers.setdefault("Content-Type", "application/json")
        if step.packed:
            headers.setdefault("Content-Encoding", "gzip")
        return http.request("POST", path, headers, _body(cases, step, run))
    except NoAnswer as exc:
        raise InfrastructureUnreachable(f"the server does not answer: {exc}") from exc


def _body(cases: Cases, step: Step, run: str) -> bytes:
    if step.text is not None:
        return step.text.encode()
    upload = dict(step.upload or {})
    upload["run"] = _with_run(upload["run"], run)
    upload["events"] = [_event(cases, event) for event in upload["events"]] * step.times
    plain = json.dumps(upload, ensure_ascii=False).encode()
    plain += b" " * max(0, step.padded_bytes - len(plain))
    if step.packed == "gzip":
        return gzip.compress(plain)
    return b"\x1f\x8b" + plain if step.packed == "broken" else plain


def _with_run(text: str, run: str) -> str:
    return run if text == "$run" else text


def _event(cases: Cases, event: Any) -> Any:
    return cases.event(event.removeprefix("$sale ")) if isinstance(event, str) else event


def difference(step: Step, answer: Answer) -> str | None:
    """What of an answer is not as the step says; None where all of it is."""
    shown = answer.content[:_SHOWN].decode("utf-8", "replace")
    if answer.status != step.status:
        return f"{answer.status} ≠ {step.status}: {shown}"
    try:
        content = json.loads(answer.content)
    except ValueError:
        return f"no JSON: {shown}"
    if step.error and not all(isinstance(content.get(name), str) for name in ("error", "detail", "at")):
        return f"error, detail, at: {shown}"
    if any(content.get(name) != value for name, value in step.json.items()):
        return f"{json.dumps(step.json)}: {shown}"
    if set(step.errors_at) - {error.get("at") for error in content.get("errors", [])}:
        return f"errors at {step.errors_at}: {shown}"
    cyrillic = any("а" <= letter <= "я" for letter in str(content.get("detail")).lower())
    if step.letters and cyrillic != (step.letters == "cyrillic"):
        return f"{step.letters}: {shown}"
    return None
