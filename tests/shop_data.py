"""The real data: invoices of the UCI Online Retail set as event files, with an independent recount."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "data" / "online-retail"
FILES = sorted(_FOLDER.glob("outlet-*.jsonl.gz"))


def expected() -> dict[str, Any]:
    """File name → what its read models must say."""
    found: dict[str, Any] = json.loads((_FOLDER / "expected.json").read_text())
    return found


def events(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines]


def cut(history: list[dict[str, Any]], chance: random.Random) -> list[tuple[int, list[dict[str, Any]]]]:
    """A run's events as batches of random size (first number, events), some of them twice, out of order."""
    batches = []
    first = 0
    while first < len(history):
        size = chance.randint(1, 120)
        batches.append((first + 1, history[first : first + size]))
        first += size
    again = [batch for batch in batches if chance.random() < 0.2]
    overlapping = [
        (start + 1, history[start : start + chance.randint(1, 60)])
        for start in (chance.randrange(len(history)) for _ in range(3))
    ]
    mixed = [*batches, *again, *overlapping]
    # Out of order within a neighbourhood: what was delayed by a bad line, not a full shuffle.
    return [batch for _, batch in sorted((i + chance.uniform(0, 6), batch) for i, batch in enumerate(mixed))]
