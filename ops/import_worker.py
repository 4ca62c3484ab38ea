"""`weboffice work import`: brings in the files that were handed in, one import at a time; killed, another goes on.

The files lie in PostgreSQL. An import that is worked on is claimed, and the claim renewed while the worker lives; one
that is not renewed is taken up by the next worker. The till client sends nothing twice.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import structlog
from prometheus_client import Counter, Gauge
from psycopg.types.json import Jsonb

from ops import importing as beside
from producers.gateway.words import of_fault
from producers.importers import importing
from producers.importers.documents import Shop
from producers.importers.formats import of_name
from producers.importers.importing import Job, Outcome
from producers.importers.known import Known
from producers.importers.owner import Owner
from producers.importers.questions import Answers, Question
from producers.importers.refusals import SourceRefused
from producers.importers.sending import Progress, Spool
from producers.till.errors import SpoolBusy
from schemas.errors import InfrastructureUnreachable, WebOfficeError
from schemas.imports import STATEMENTS as _sql
from schemas.private import scrubbed

log = structlog.get_logger(__name__)

STALE = timedelta(seconds=30)
_RENEW_EVERY_S, _LOOK_EVERY_S, _SWEEP_EVERY_S = 5.0, 1.0, 600.0
_ERRORS_SHOWN_MAX = 1000
_WAITING = Gauge("weboffice_imports_waiting", "Imports that wait for a worker or are being worked on.")
_ENDED = Counter("weboffice_imports", "Imports that a worker ended, by the state they ended in.", ["state"])


class _Claim(NamedTuple):
    import_id: UUID
    outlet_id: UUID
    till_id: UUID | None
    format: str
    state: str
    answers: dict[str, Any]
    locale: str


class _Gone(WebOfficeError):
    """The import was removed while it was worked on."""


def run(postgres: str, url: str, home: Path, stopping: threading.Event) -> None:
    """Until `stopping` is set. Raises `psycopg.Error` where PostgreSQL is away: the supervisor starts it again."""
    swept_at = -_SWEEP_EVERY_S
    with psycopg.connect(postgres, autocommit=True, application_name="weboffice imports") as connection:
        log.info("imports_ready", url=url)
        while not stopping.is_set():
            if time.monotonic() - swept_at > _SWEEP_EVERY_S:
                swept_at = time.monotonic()
                connection.execute(_sql["sweep"])
            row = connection.execute(_sql["waiting"]).fetchone()
            _WAITING.set(row[0] if row else 0)
            claimed = connection.execute(_sql["claim"], {"stale": STALE}).fetchone()
            if claimed is None:
                stopping.wait(_LOOK_EVERY_S)
                continue
            _work(connection, postgres, url, home, _Claim(*claimed))


def _work(connection: psycopg.Connection[Any], postgres: str, url: str, home: Path, claim: _Claim) -> None:
    started = time.monotonic()
    english = claim.locale == "en"
    try:
        with _renewing(postgres, claim.import_id) as progress, tempfile.TemporaryDirectory() as folder:
            paths = _files(connection, claim.import_id, Path(folder))
            outcome = _import(postgres, url, home, claim, paths, progress)
        state = "read" if claim.state == "to_read" else "done"
        _finish(connection, claim, state, result=_document(outcome, english))
    except Question as question:
        asked = {"key": question.key, "text": question.text, "choices": list(question.choices), "about": question.about}
        state = "failed" if claim.till_id else "asked"  # 1С can't be asked
        _finish(connection, claim, state, question=asked, error=_answer_in_address(question) if claim.till_id else None)
    except SpoolBusy:
        state = "busy"  # another worker of this home is just ending; the claim runs out, and it is taken up again
        time.sleep(_LOOK_EVERY_S)
    except (InfrastructureUnreachable, _Gone) as exc:
        state = "later"
        log.warning("import_postponed", import_id=str(claim.import_id), error=str(exc))
        time.sleep(_LOOK_EVERY_S)
    except WebOfficeError as exc:
        state = "failed"
        told = exc.told(english) if isinstance(exc, SourceRefused) else str(exc)
        _finish(connection, claim, state, error=told)
    _ENDED.labels(state).inc()
    log.info(
        "import",
        import_id=str(claim.import_id),
        outlet=str(claim.outlet_id),
        format=claim.format,
        state=state,
        ms=round((time.monotonic() - started) * 1000),
    )


def _import(postgres: str, url: str, home: Path, claim: _Claim, paths: list[Path], progress: Progress) -> Outcome:
    with beside.access(postgres, str(claim.outlet_id), claim.format, claim.till_id) as access:
        folder = home / "spools" / f"import-{access.till_id}"
        with Known(folder) as known:
            answers = Answers(known.answers(claim.format) | claim.answers)
        job = Job(
            format=of_name(claim.format),
            paths=paths,
            shop=Shop(ZoneInfo(access.outlet.zone), access.outlet.day_begins),
            answers=answers,
            say=partial(of_fault, in_english=claim.locale == "en"),
            known_in=folder,
            spool=None if claim.state == "to_read" else Spool(url, access.till_token, folder, home / "spool-stamps"),
            owner=Owner(url, access.owner_token),
            outlet_id=str(access.outlet.outlet_id),
        )
        outcome = importing.run(job, lambda shown: True, progress)
        if answers.values and claim.state != "to_read":
            with Known(folder) as known:
                known.keep_answers(claim.format, answers.values)
        return outcome


def _answer_in_address(question: Question) -> str:
    """What 1С shows where something would have to be asked."""
    if question.key == "price_type":
        return f"Видов цен несколько. Допишите нужный к адресу обмена через косую черту: {', '.join(question.choices)}"
    return question.text


def _document(outcome: Outcome, english: bool) -> dict[str, Any]:
    """The result, with the first errors of too many."""
    document = outcome.document(english)
    document["error_count"] = len(document["errors"])
    document["errors"] = [
        row | {"value": scrubbed(row["value"])} for row in document["errors"][:_ERRORS_SHOWN_MAX]
    ]  # a cell that is no number may well be a phone
    return document


def _files(connection: psycopg.Connection[Any], import_id: UUID, folder: Path) -> list[Path]:
    """Writes the files of an import into a folder, a piece at a time."""
    paths: list[Path] = []
    for number, (name, piece) in enumerate(connection.execute(_sql["files"], {"import_id": import_id}).fetchall()):
        path = folder / (Path(name).name or f"file-{number}")
        if path not in paths:
            paths.append(path)
        row = connection.execute(_sql["piece"], {"import_id": import_id, "name": name, "piece": piece}).fetchone()
        with path.open("ab") as file:
            file.write(row[0] if row else b"")
    if not paths:
        raise WebOfficeError("the import has no file")
    return paths


def _finish(
    connection: psycopg.Connection[Any],
    claim: _Claim,
    state: str,
    *,
    question: dict[str, Any] | None = None,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    with connection.transaction():
        connection.execute(
            _sql["finish"],
            {
                "import_id": claim.import_id,
                "state": state,
                "question": Jsonb(question) if question else None,
                "result": Jsonb(result) if result else None,
                "error": error,
            },
        )
        if state in ("done", "failed"):
            connection.execute(_sql["drop_files"], {"import_id": claim.import_id})


@contextlib.contextmanager
def _renewing(postgres: str, import_id: UUID) -> Iterator[Progress]:
    """Renews the claim from a thread of its own; yields what is told of the events that were sent."""
    ended = threading.Event()
    sent = [0]
    gone = threading.Event()

    def renew() -> None:
        with contextlib.suppress(psycopg.Error), psycopg.connect(postgres, autocommit=True) as connection:
            while not ended.wait(_RENEW_EVERY_S):
                values = {"import_id": import_id, "events_sent": sent[0]}
                if connection.execute(_sql["renew"], values).fetchone() is None:
                    gone.set()

    def progress(events: int) -> None:
        sent[0] = events
        if gone.is_set():
            raise _Gone

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        ended.set()
        thread.join(_RENEW_EVERY_S)
