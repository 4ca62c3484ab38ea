"""A portal in a process of its own, as `weboffice serve` runs it: what it writes and holds can be measured."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from ops.settings import Settings
from tests.service import environment


class Served(Struct, frozen=True):
    """Where it serves, and its process."""

    url: str
    pid: int

    def written_bytes(self) -> int:
        """What the process handed to `write` so far: files, and answers on sockets."""
        return self._number("io", "wchar")

    def memory_bytes_max(self) -> int:
        """The most that it ever held in memory."""
        return self._number("status", "VmHWM") * 1024

    def _number(self, file: str, name: str) -> int:
        for line in Path(f"/proc/{self.pid}/{file}").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise AssertionError(f"/proc/…/{file} says nothing of {name}")


@contextlib.contextmanager
def served_portal(settings: Settings, part: str = "portal", files: int = 0) -> Iterator[Served]:
    """The portal on a free port, ended when it is no longer needed; with the gateway where `part` is `all`. `files` is
    how many file descriptors it may have."""
    with (settings.home.parent / "portal.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ops", "serve", part, "--port", "0"],
            env=environment(settings),
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files else None,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        word, _, url = process.stdout.readline().strip().partition(" ")
        assert word == "LISTENING"
        yield Served(url, process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=30)
