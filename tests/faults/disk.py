"""A small disk that can be full: a tmpfs whose size is taken away and given back. Root may mount one; others can't."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Self

import pytest


class Disk:
    """A tmpfs mounted at `folder`; a context manager."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._size = megabytes * 2**20

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        _mount("-t", "tmpfs", "-o", f"size={self._size},mode=755", "tmpfs", str(self.folder))
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def fill(self, left: int = 0) -> None:
        """From now on there is room for `left` more bytes (rounded to pages)."""
        found = os.statvfs(self.folder)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        self._resize(used + left)

    def free(self) -> None:
        self._resize(self._size)

    def _resize(self, size: int) -> None:
        _mount("-o", f"remount,size={max(size, 4096)}", str(self.folder))


def mounts() -> bool:
    """Whether this process may mount."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


needs_mount = pytest.mark.skipif(not mounts(), reason="a disk that can be full is a tmpfs: mounting is refused here")


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)
