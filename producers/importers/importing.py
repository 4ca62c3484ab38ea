"""The way of every import: read all of it, show what it would do, send what is new, compare."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from producers.importers import words
from producers.importers.checking import Say
from producers.importers.comparison import Comparison, compare
from producers.importers.documents import BadRow, Note, Shop
from producers.importers.files import SourceFile
from producers.importers.formats import Format
from producers.importers.known import Known
from producers.importers.owner import Owner
from producers.importers.preview import Preview, preview
from producers.importers.questions import Answers
from producers.importers.sending import Delivery, Progress, Spool, deliver
from producers.importers.sources import Context, Source
from producers.importers.stage import Stage
from schemas.errors import WebOfficeError


class Job(Struct, frozen=True):
    """An import. Without `spool` nothing is sent, without `owner` and `outlet_id` nothing is compared."""

    format: Format
    paths: list[Path]
    shop: Shop
    answers: Answers
    say: Say
    address: str = ""
    since: date | None = None
    known_in: Path | None = None
    spool: Spool | None = None
    owner: Owner | None = None
    outlet_id: str | None = None
    counted_at: datetime | None = None


class Outcome(Struct, frozen=True):
    """What an import found and did."""

    preview: Preview
    bad_rows: list[BadRow]
    notes: dict[Note, int]
    delivery: Delivery | None = None
    comparison: Comparison | None = None
    not_compared: str = ""

    @property
    def clean(self) -> bool:
        """Whether everything of the source is in the service, as far as that is known."""
        withdrawn = self.delivery.withdrawn if self.delivery else 0
        return not self.bad_rows and not withdrawn and (self.comparison is None or self.comparison.equal)

    def document(self, english: bool = False) -> dict[str, Any]:
        """The contract's answer."""
        totals: dict[str, Any] = {"file": self.preview.totals.document(), "service": None}
        document: dict[str, Any] = {
            "events": self.preview.events,
            "new": self.preview.new,
            "known": self.preview.known,
            "kinds": dict(self.preview.kinds),
            "errors": [
                {"row": row.row, "column": row.column, "value": row.value, "reason": words.why(row, english)}
                for row in self.bad_rows
            ],
            "notes": [
                {"text": words.told(note, english), "count": None if note.code in words.COUNTLESS else count}
                for note, count in self.notes.items()
            ],
            "totals": totals,
            "equal": None,
        }
        if self.comparison:
            totals["service"] = self.comparison.days
            document["goods"] = {"file": self.comparison.file_goods, "service": self.comparison.goods}
            document["equal"] = self.comparison.equal
        else:
            document["not_compared"] = self.not_compared
        return document


def run(
    job: Job,
    shown: Callable[[Outcome], bool],
    progress: Progress,
    look: Callable[[Stage], None] = lambda stage: None,
) -> Outcome:
    """Import. `shown` is told what it would do, and says whether it shall be done; `look` may look at the stage before.

    Raises `Question` for what must not be guessed and `UsageError` for a source that can't be read; then nothing was
    sent.
    """
    files = [SourceFile(path, job.format.takes) for path in job.paths]
    now = datetime.now(UTC).replace(microsecond=0)
    with (
        tempfile.TemporaryDirectory(prefix="weboffice-import-") as folder,
        Known(job.known_in) as known,
        Stage(Path(folder) / "stage.db", known) as stage,
    ):
        counted_at = {file.digest: job.counted_at or known.first_import(file.digest, now) for file in files}
        context = Context(job.shop, job.answers, stage, counted_at, job.counted_at)
        for item in job.format.read(Source(files, job.address, job.since), context):
            stage.put(item)
        if job.format.compose:
            stage.compose(job.format.compose(context))
        look(stage)
        found = preview(stage, job.shop, job.say)
        outcome = Outcome(found, stage.bad_rows, dict(stage.notes), not_compared="nothing was sent")
        if not shown(outcome) or job.spool is None:
            return outcome
        for digest, at in counted_at.items():
            known.note_import(digest, at)
        delivery = deliver(job.spool, stage, found, known, job.shop, progress)
        comparison, reason = _compared(job, stage, found, known, delivery)
        return Outcome(found, stage.bad_rows, dict(stage.notes), delivery, comparison, reason)


def _compared(
    job: Job, stage: Stage, found: Preview, known: Known, delivery: Delivery
) -> tuple[Comparison | None, str]:
    if job.owner is None:
        return None, "WEBOFFICE_OWNER_TOKEN is not set"
    if job.outlet_id is None:
        return None, "the account has several outlets: say with --outlet which one it is"
    if not delivery.applied:
        return None, "the service has not worked everything off yet: import again to compare"
    try:
        return compare(job.owner, job.outlet_id, stage, found.totals, known, job.shop), ""
    except WebOfficeError as exc:
        return None, str(exc)
