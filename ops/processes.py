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

from ops import folders

log = structlog.get_logger(__name__)

_PR_SET_PDEATHSIG = 1
_NOTE_BYTES = 128
_SAME_MOMENT_S = 0.01
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
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a process in a group of its own (a Ctrl-C on the terminal is ours to pass on).

    `output` takes stdout and stderr; with `pipe` stdout is ours to read instead, and `output` takes
    stderr alone. On Linux it gets the signal `at_our_death` when the calling thread ends, so call this from the main
    thread.
    """

    def die_with_us() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, at_our_death)

    identity: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if user else {}
    return subprocess.Popen(
        [str(argument) for argument in argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if pipe else output,
        stderr=output if pipe else subprocess.STDOUT if output else None,
        env=dict(env) if env is not None else None,
        start_new_session=True,
        preexec_fn=die_with_us,
        pass_fds=pass_fds,
        cwd="/" if user else cwd,  # the user need not be able to enter our folders
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
    """Writes down which process this is: its id and, since ids are used again, the moment it was created.

    The note of before is written over in its place, so that a full disk has room for it. Where there is none yet, the
    process goes without a note: why it can't go on is for itself to say.
    """
    note = json.dumps({"pid": process.pid, "created": psutil.Process(process.pid).create_time()})
    try:
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write(note.ljust(_NOTE_BYTES))
    except OSError as exc:
        log.warning("process_not_noted", pid=process.pid, file=str(path), error=exc.strerror)


def end_leftover(path: Path, how: signal.Signals = signal.SIGTERM, timeout: float = 20) -> None:
    """Ends the process written down at `path` where it still runs, left over from a parent that was killed.

    Only one that works in the folder of `path` is ended: in a copy of a home the same is written of the original's.
    """
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
    """The process written down at `path` if it still runs, and works in the folder of `path`."""
    try:
        noted = json.loads(path.read_text())
        process = psutil.Process(noted["pid"])
        same = abs(process.create_time() - noted["created"]) < _SAME_MOMENT_S
        alive = process.status() != psutil.STATUS_ZOMBIE
        return process if same and alive and works_in(process.pid, path.parent) else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None


def works_in(pid: int, folder: Path) -> bool | None:
    """Whether a process's working directory is the folder or lies in it; None where that is not to be known."""
    try:
        return folders.inside(Path(psutil.Process(pid).cwd()), folder)
    except psutil.Error:
        return None


def created(pid: int) -> float:
    """The moment, in seconds since 1970, at which a process was created. Raises `psutil.Error`."""
    return float(psutil.Process(pid).create_time())


def running(pid: int, since: float = 0.0) -> bool:
    """Whether a process of this id runs; where `since` is given, the one created at that moment."""
    try:
        return not since or abs(created(pid) - since) < _SAME_MOMENT_S if psutil.pid_exists(pid) else False
    except psutil.Error:
        return False
