"""A command on a terminal of its own, as a person sees it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.service import wait_until

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\r")
WITHIN_S = 180.0


class Terminal:
    """What a process wrote on its terminal so far, without control sequences; keys for it."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self._master = master
        self._bytes = b""
        self.process = process
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def raw(self) -> str:
        return self._bytes.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        return _CONTROL.sub("", self.raw)

    def wait_for(self, text: str) -> None:
        """Returns when the text was written, once or again."""
        wait_until(lambda: text in self.text, f"{text!r} is not shown:\n{self.text[-3000:]}", WITHIN_S)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait_for_end(self) -> int:
        code = self.process.wait(60)
        self._reader.join(5)
        return code

    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, as a shell wants to find it."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._master, 65536)
            except OSError:  # nobody has the other end any more
                return
            if not piece:
                return
            self._bytes += piece


@contextmanager
def on_terminal(
    arguments: list[str], environment: Mapping[str, str], columns: int = 80, lines: int = 24
) -> Iterator[Terminal]:
    """`weboffice …` on a terminal of this size, in front; ended at the end, whatever happens."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    clean = {name: value for name, value in environment.items() if name not in ("WEBOFFICE_LOG", "COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-m", "ops", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**clean, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    terminal = Terminal(master, process)
    try:
        yield terminal
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        os.close(slave)
        os.close(master)
