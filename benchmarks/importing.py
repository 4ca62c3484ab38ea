"""What importing a large file costs beside reading it with the same library alone: `python -m benchmarks.importing`.

A file's bytes come from those of the tests, again and again under numbers and ids of their own. Measured is processor
time, in a process of its own for each reader: the file read by the library and let go; `weboffice import --dry-run`,
which stages, checks every event and shows a preview; the whole import, where there is a service to send it to.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import defusedxml.ElementTree
import ijson
import msgspec
from msgspec import Struct
from python_calamine import CalamineWorkbook

from benchmarks.contenders import ROOT
from benchmarks.sourcefiles import WRITERS
from ops import garbage
from producers.importers import importing
from producers.importers.documents import Shop
from producers.importers.formats import of_name
from producers.importers.importing import Job
from producers.importers.questions import Answers
from producers.importers.sending import Spool


class Reading(Struct, frozen=True):
    """What a reader took: seconds of processor, megabytes of memory at most and of them before; events it found."""

    cpu: float
    peak_mb: float
    before_mb: float
    events: int = 0


def measured(reader: str, path: Path, *address: str) -> Reading:
    """Reads a file in a process of its own: `reader` is "alone", "dry run" or "import", with address and token."""
    run = [sys.executable, "-m", "benchmarks.importing", reader, str(path), *address]
    output = subprocess.run(run, stdout=subprocess.PIPE, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}).stdout
    return msgspec.json.decode(output, type=Reading)


def _measure(reader: str, path: Path, address: list[str]) -> Reading:
    garbage.collect_seldom()  # as the command does, and `work import`
    before, started = _peak_mb(), time.process_time()
    events = 0
    if reader == "alone":
        _ALONE[path.suffix](path)
    else:
        events = _imported(path, address)
    return Reading(time.process_time() - started, _peak_mb(), before, events)


def _imported(path: Path, address: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        spool = None
        if address:
            url, token = address
            spool = Spool(url, token, Path(folder, "spool"), Path(folder, "stamps"))
        known_in = spool.folder if spool else None
        job = Job(
            of_name(path.stem),
            [path],
            Shop(ZoneInfo("Europe/Moscow")),
            Answers({"date_order": "day-first", "taxes": "included"}),
            lambda fault: fault.code,
            known_in=known_in,
            spool=spool,
        )
        outcome = importing.run(job, lambda shown: True, lambda events: None)
        if outcome.bad_rows:
            raise RuntimeError(f"{path.name} did not come in: {outcome.bad_rows[:3]}")
        return outcome.preview.events


def _json(path: Path) -> None:
    with path.open("rb") as file:
        for _ in ijson.items(file, "item"):
            pass


def _csv(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in csv.reader(file):
            pass


def _xlsx(path: Path) -> None:
    CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def _xml(path: Path) -> None:
    for _, element in defusedxml.ElementTree.iterparse(str(path), forbid_dtd=True):
        element.clear()


_ALONE: dict[str, Callable[[Path], None]] = {".json": _json, ".csv": _csv, ".xlsx": _xlsx, ".xml": _xml}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(megabytes: int) -> None:
    """Of receipts alone, for people."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "receipts.json"
        receipts = WRITERS[path.name](path, megabytes * 1_000_000)
        alone, dry = (measured(reader, path) for reader in ("alone", "dry run"))
        print(f"{path.stat().st_size / 1e6:.0f} MB, {receipts} receipts, {dry.events} events")
        print(f"{dry.cpu:.1f} s of processor, the library alone {alone.cpu:.1f} s: {alone.cpu / dry.cpu:.2f}")
        print(f"peak {dry.peak_mb:.0f} MB of memory ({dry.before_mb:.0f} MB before)")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [reader, path, *address]:
            sys.stdout.write(json.dumps(msgspec.to_builtins(_measure(reader, Path(path), address))))
        case [megabytes]:
            main(int(megabytes))
        case _:
            main(100)
