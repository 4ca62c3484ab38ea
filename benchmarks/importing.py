"""How much memory and time it takes to read a large file of receipts: `python -m benchmarks.importing [MEGABYTES]`.

Reads as `weboffice import receipts --dry-run` does: stage, checks of every event, preview. Nothing is started or sent.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from producers.importers import importing
from producers.importers.documents import Shop
from producers.importers.formats import of_name
from producers.importers.importing import Job
from producers.importers.questions import Answers

_RECEIPTS = Path(__file__).parents[1] / "tests" / "data" / "imports" / "receipts" / "receipts.json"


def write(path: Path, size_bytes: int) -> int:
    """Receipts of real shapes, each with a number of its own; returns how many."""
    documents = json.loads(_RECEIPTS.read_text("utf-8"))
    number = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        while file.tell() < size_bytes:
            for document in documents:
                number += 1
                document["ticket"]["document"]["receipt"]["fiscalDocumentNumber"] = number
                file.write(("," if number > 1 else "") + json.dumps(document, ensure_ascii=False))
        file.write("]")
    return number


def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "receipts.json"
        receipts = write(path, megabytes * 1_000_000)
        job = Job(of_name("receipts"), [path], Shop(ZoneInfo("Europe/Moscow")), Answers(), lambda fault: fault.code)
        before, started = _peak_mb(), time.monotonic()
        outcome = importing.run(job, lambda shown: False, lambda events: None)
        seconds = time.monotonic() - started
        print(f"{path.stat().st_size / 1e6:.0f} MB, {receipts} receipts, {outcome.preview.events} events")
        print(f"{seconds:.1f} s, peak {_peak_mb():.0f} MB of memory ({before:.0f} MB before)")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
