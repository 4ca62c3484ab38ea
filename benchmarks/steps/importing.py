"""Importing large files beside reading them with the same library alone, by processor time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import importing, service
from benchmarks.bench import Bench
from benchmarks.results import Found, spread
from benchmarks.sourcefiles import WRITERS

TITLE = "Importing a file against reading it with the same library alone"
_GOAL, _RECEIPTS = 0.3, "receipts.json"
_LIBRARIES = {".json": "ijson", ".csv": "csv", ".xlsx": "calamine", ".xml": "expat"}


def run(bench: Bench) -> None:
    whole = bench.sizes.import_megabytes
    with tempfile.TemporaryDirectory(dir=bench.home) as folder:
        for name, write in WRITERS.items():
            path = Path(folder) / name
            megabytes = whole if name == _RECEIPTS else whole / 10
            write(path, int(megabytes * 1e6))
            for number in range(bench.sizes.long_rounds):
                for reader in ("alone", "dry run"):
                    _add(bench, reader, name, importing.measured(reader, path), number, megabytes)
                if name == _RECEIPTS:
                    _add(bench, "import", name, _sent(bench, path), number, megabytes)
            path.unlink()


def _sent(bench: Bench, path: Path) -> importing.Reading:
    """The whole import, to a service of its own."""
    with service.running(bench.servers) as there:
        [token] = there.tokens(1)
        return importing.measured("import", path, f"http://127.0.0.1:{there.port}", token)


def _add(bench: Bench, reader: str, name: str, of: importing.Reading, number: int, megabytes: float) -> None:
    peak = {"peak": round(of.peak_mb), "before": round(of.before_mb)}
    bench.results.add(reader, name, of.cpu, "s of a core", round=number, at=megabytes, peak_mb=peak)


def report(found: Found) -> list[str]:
    lines = [
        "| file | MB | library | library alone, s | dry run, s | ratio | whole import, s | ratio | peak MB | |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for name in found.of("alone").names():
        alone, dry, sent = (found.of(reader, name) for reader in ("alone", "dry run", "import"))
        shares, of_sent = _shares(alone, dry), _shares(alone, sent)
        cells = [spread(alone.values()), spread(dry.values()), spread(shares), spread(sent.values()), spread(of_sent)]
        peak = max(result.peak_mb["peak"] for result in dry)
        met = "" if name != _RECEIPTS else "met" if sorted(shares)[len(shares) // 2] >= _GOAL else "**not met**"
        row = [f"`{name}`", f"{alone.sizes()[0]:g}", _LIBRARIES[Path(name).suffix], *cells, str(peak), met]
        lines.append(f"| {' | '.join(row)} |")
    return [
        *lines,
        "",
        f"Goal ≥ {_GOAL} for receipts. Seconds of a core, each in a process of its own. A dry run is `weboffice import"
        " --dry-run`: all is staged on the disk and every event is checked as the gateway will; the whole import also"
        " keeps the events in the till's spool, packs and sends them, and waits until they are in the figures.",
    ]


def _shares(alone: Found, whole: Found) -> list[float]:
    """Of the processor's time of an import, what the library's own reading would be."""
    by_round = {result.round: result.value for result in alone}
    return [by_round[result.round] / result.value for result in whole if result.round in by_round]
