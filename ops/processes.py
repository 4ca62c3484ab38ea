"""Child processes: started so that they don't outlive us, ended by their ids, found again after a kill -9."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import psutil
import structlog

log = structlog.get_logger(__name__)

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    argv: Sequence[str | Path],
    *,
    output: IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    at_our_death: signal.Signals = signal.SIGTERM,
    pass_fds: Sequence[int] = (),
    pipe: bool = False,
) -> subprocess.Popen[bytes]:
    """Starts a process in a group of its own (a Ctrl-C on the terminal is ours to pass on).

    `output` takes stdout and stderr; with `pipe` stdout is ours to read instead. On Linux it gets the signal
    `at_our_death` when the calling thread ends, so call this from the main thread.
    """

    def die_with_us() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, at_our_death)

    identity: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if user else {}
    return subprocess.Popen(
        [str(argument) for argument in argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if pipe else output,
        stderr=subprocess.STDOUT if output else None,
        env=dict(env) if env is not None else None,
        start_new_session=True,
        preexec_fn=die_with_us,
        pass_fds=pass_fds,
        cwd="/" if user else None,
        **identity,
    )


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, timeout: float = 10) -> None:
    """Asks a process to end, and kills it after `timeout` seconds."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            log.warning("killed", pid=process.pid, after_seconds=timeout)
            process.kill()
            process.wait()


def remember(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Writes down which process this is: its id and, since ids are used again, the moment it was created."""
    path.write_text(json.dumps({"pid": process.pid, "created": psutil.Process(process.pid).create_time()}))


def end_leftover(path: Path, how: signal.Signals = signal.SIGTERM, timeout: float = 20) -> None:
    """Ends the process written down at `path` where it still runs, left over from a parent that was killed."""
    found = leftover(path)
    if found is not None:
        log.warning("ending_leftover", pid=found.pid, command=Path(found.name()).name)
        found.send_signal(how)
        try:
            found.wait(timeout)
        except psutil.TimeoutExpired:
            found.kill()
            found.wait(timeout)
    path.unlink(missing_ok=True)


def leftover(path: Path) -> psutil.Process | None:
    """The process written down at `path` if it still runs."""
    try:
        noted = json.loads(path.read_text())
        process = psutil.Process(noted["pid"])
        alive = process.status() != psutil.STATUS_ZOMBIE
        return process if alive and abs(process.create_time() - noted["created"]) < 0.01 else None
    except (OSError, ValueError, KeyError, psutil.Error):
        return None


def running(pid: int) -> bool:
    """Whether a process of this id runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
