"""Which folder this is: a copy holds the same files and is another one."""

from __future__ import annotations

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
