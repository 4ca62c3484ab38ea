"""Makes folders so that a power cut does not take them away again, with what was written into them."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def make_durably(folder: Path) -> None:
    """Make a folder and those above it. On Windows a folder can't be synced; NTFS has a log for its own entries."""
    if folder.is_dir():
        return
    make_durably(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    if sys.platform != "win32":
        fd = os.open(folder.parent, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
