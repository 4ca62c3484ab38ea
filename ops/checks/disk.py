"""How much room there is where the home lies, and for how long it does at the rate at which the data grew so far."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from ops.checks import Finding, judged

_LEAST_FREE_BYTES = 2 * 1024**3
_LEAST_DAYS = 14
_GIB = 1024**3
_DAY_S = 86_400
_BEGUN = Path("kafka") / "data" / "meta.properties"
"""Written when the storage of embedded Kafka is made, and never again."""


def free(home: Path) -> int:
    """Bytes that are free where a folder is, or will be."""
    return shutil.disk_usage(_there(home)).free


def check(home: Path, now: float | None = None) -> Finding:
    """Wrong where there is less than 2 GiB, or where what is free does for less than two weeks."""
    folder = _there(home)
    left = free(home)
    writable = os.access(folder, os.W_OK)
    found = f"{left / _GIB:.1f} GiB free in {folder}{'' if writable else ', which is not ours to write'}"
    grown = _growth(home, time.time() if now is None else now)
    days = left / grown if grown else None
    if days is not None:
        found += f", for {days:,.0f} days if the data grows as it did so far ({grown / _GIB:.3f} GiB a day)"
    return judged(
        "disk",
        writable and left >= _LEAST_FREE_BYTES and (days is None or days >= _LEAST_DAYS),
        found,
        "free 2 GiB at the least, and room for two weeks, or name another folder in WEBOFFICE_HOME",
    )


def _growth(home: Path, now: float) -> float:
    """Bytes a day, over the life of embedded servers' data; 0 in its first day, and where they are not here."""
    begun = home / _BEGUN
    try:
        age = now - begun.stat().st_mtime
    except OSError:
        return 0.0
    return _size(home) / (age / _DAY_S) if age >= _DAY_S else 0.0


def _size(folder: Path) -> int:
    size = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(Path(path) / name).st_blocks * 512
            except OSError:  # removed meanwhile, as segments and temporary files are
                continue
    return size


def _there(folder: Path) -> Path:
    return next(found for found in (folder, *folder.parents) if found.exists())
