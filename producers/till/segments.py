"""Reads a spool that version 0.1.0 left: what was not acknowledged, under its runs and numbers. It is never written.

| file | holds |
|---|---|
| `spool.json` | the runs, oldest first |
| `RRRRRR-NNNNNNNNNNNNNNNN.events` | events of run R from number N on: lines of a checksum and a JSON object |
| `mark`, `….stamp` | two slots of 4 KiB with a checksum, a turn and a value; the later turn counts |

Only the end of the last file can be torn. Any other damage raises `SpoolDamaged`, and the files stay as they are.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from producers.till.errors import SpoolDamaged
from producers.till.state import Run, Source, Stamp

_SLOT = 4096
_decoder = json.JSONDecoder()


class OldSpool(NamedTuple):
    """What is taken over; `events` are lists of them with the id of each list's first."""

    runs: list[Run]
    events: list[tuple[int, list[bytes]]]
    sources: dict[str, Source]
    stamp: Stamp | None


def read(directory: Path, stamp: Path) -> OldSpool | None:
    """The spool of version 0.1.0 in a folder; None where there is none."""
    try:
        registry = json.loads((directory / "spool.json").read_bytes())["runs"]
        mark = _slots(directory / "mark")
    except FileNotFoundError as exc:
        if any(path.stat().st_size for path in directory.glob("*.events")):
            raise SpoolDamaged(f"there are events, but {exc.filename} is missing") from exc
        return None
    except (ValueError, LookupError) as exc:
        raise SpoolDamaged(f"spool.json can't be read: {exc}") from exc
    runs: list[Run] = []
    events: list[tuple[int, list[bytes]]] = []
    sources: dict[str, Source] = {}
    base = 0
    registry = [run for run in registry if run["index"] >= mark["index"]]
    for number, run in enumerate(registry, 1):
        # What is acknowledged is of no use, and its files may be gone.
        start = mark["acknowledged"] + 1 if run["index"] == mark["index"] else 1
        end, found, named = _read_run(directory, run["index"], start, last=run is registry[-1])
        through = end - 1 if run["through"] is None else run["through"]
        if end <= through:
            raise SpoolDamaged(f"event {end} of run {run['run']} is missing")
        for first, several in found:
            if wanted := several[: through + 1 - first]:  # those behind it are in the next run as well
                events.append((base + first, wanted))
        last = base + through
        runs.append(Run(number, run["run"], base, last))
        sources |= named
        base = last
    _withdraw(mark, registry, runs, events)
    return OldSpool(runs, events, sources, _stamp(stamp, mark, registry[-1]))


def remove(directory: Path, stamp: Path) -> None:
    """Delete what was taken over; `spool.json` first, so that a part of it is never read as a whole."""
    for path in (directory / "spool.json", directory / "mark", directory / "lock", *directory.glob("*.events"), stamp):
        path.unlink(missing_ok=True)


def _read_run(
    directory: Path, index: int, start: int, *, last: bool
) -> tuple[int, list[tuple[int, list[bytes]]], dict[str, Source]]:
    """The number after the run's last one, its events from `start` on, and its sources."""
    events: list[tuple[int, list[bytes]]] = []
    sources: dict[str, Source] = {}
    files = sorted(directory.glob(f"{index:06d}-*.events"))
    end = int(files[0].name[7:23]) if files else start
    if end > start or last and not files:
        raise SpoolDamaged(f"events of run {index} are missing")
    for path in files:
        torn = False
        for line in path.read_bytes().splitlines(keepends=True):
            frame = _checked(line.removesuffix(b"\n")) if line.endswith(b"\n") else None
            if frame is None and last and path == files[-1]:
                torn = True
                continue
            if frame is None or torn:
                raise SpoolDamaged(f"{path.name} is damaged")
            value = json.loads(frame)
            if value["seq"] != end:
                raise SpoolDamaged(f"event {end} can't be read")
            sources |= {name: Source(at["offset"], at["digest"]) for name, at in value["sources"].items()}
            skipped = max(0, start - end)
            if wanted := _raw_events(frame.decode(), len(value["events"]))[skipped:]:
                events.append((end + skipped, wanted))
            end += len(value["events"])
    return end, events, sources


def _raw_events(text: str, count: int) -> list[bytes]:
    """The events of a line exactly as they were written: under their numbers they may have been sent."""
    events, at = [], text.index("[") + 1
    for _ in range(count):
        _, end = _decoder.raw_decode(text, at)
        events.append(text[at:end].encode())
        at = end + 1
    return events


def _withdraw(mark: Any, registry: Any, runs: list[Run], events: list[tuple[int, list[bytes]]]) -> None:
    """Put the event that is being withdrawn in its place."""
    if not mark["withdrawn"]:
        return
    base = next(run.base for run, old in zip(runs, registry, strict=True) if old["index"] == mark["index"])
    id_ = base + mark["withdrawn"]["seq"]
    event = json.dumps(mark["withdrawn"]["event"], ensure_ascii=False, separators=(",", ":")).encode()
    for first, several in events:
        if first <= id_ < first + len(several):
            several[id_ - first] = event


def _stamp(path: Path, mark: Any, run: Any) -> Stamp | None:
    with suppress(FileNotFoundError):
        stamp = _slots(path)
        sent = mark["sent_through"] if mark["index"] == run["index"] else 0
        return Stamp(stamp["run"], str(stamp["inode"]), max(stamp["sent_through"], sent))
    return None


def _slots(path: Path) -> Any:
    data = path.read_bytes()
    values = [_checked(data[at : at + _SLOT].rstrip()) for at in (0, _SLOT)]
    whole = [json.loads(value) for value in values if value]
    if not whole:
        raise SpoolDamaged(f"{path.name} can't be read")
    return max(whole, key=lambda slot: int(slot[0]))[1]


def _checked(line: bytes) -> bytes | None:
    """What stands behind the checksum of a line; None where it does not fit."""
    checksum, _, content = line.partition(b" ")
    return content if checksum == b"%08x" % crc32(content) else None
