"""Which folder this is (a copy holds the same files and is another one), and files that are its user's alone."""

from __future__ import annotations

import os
from pathlib import Path


def identity(folder: Path) -> str:
    """What tells a folder from a copy of it, wherever it is moved on its disk. Raises `OSError`."""
    found = folder.stat()
    return f"{found.st_dev}:{found.st_ino}"


def inside(path: Path, folder: Path) -> bool:
    """Whether `path` is `folder` or lies in it; False where either is not there."""
    try:
        ours = identity(folder)
        return any(identity(place) == ours for place in (path, *path.parents))
    except OSError:
        return False


def write_private(path: Path, text: str) -> None:
    """A file that nobody else ever reads, not while it is written either; whole or not at all."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with open(new, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
