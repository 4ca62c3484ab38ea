"""`weboffice rebuild` and `verify` in a process of their own, while the system is being hurt."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

from ops.cli import UNREACHABLE, WRONG_USAGE
from schemas.failpoints import VARIABLE
from tests.faults.system import System
from tests.service import environment


class Rebuild:
    """A command that has begun. It may find servers away or another one at it; it never finds a difference."""

    def __init__(self, system: System, command: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ops", command, "--json"],
            env={**environment(system.settings), VARIABLE: str(system.points)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait(self, killed: bool = False) -> None:
        """Returns when it has ended; `killed`: it may have been struck by a fail point."""
        said, complained = self._process.communicate(timeout=180)
        allowed = {0, UNREACHABLE, WRONG_USAGE, *([-signal.SIGKILL] if killed else [])}
        assert self._process.returncode in allowed, (self._process.returncode, said[-2000:], complained[-3000:])

    def kill_after(self, seconds: float) -> None:
        """SIGKILL of it and of its processes, unless it has ended by then."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.communicate(timeout=seconds)
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate(timeout=30)
