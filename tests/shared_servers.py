"""One Kafka and one PostgreSQL for all workers of a run: a process of its own keeps them.

They start when the first worker asks, and stop with the run: the process ends where its standard input does.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure import Servers, start

_SOCKET = "servers.socket"
WORKERS_FOLDER = "weboffice_folder"
"""How a worker is told the folder: a name in its `workerinput`."""


def shared_folder(config: pytest.Config) -> Path | None:
    """What the workers of this run have in common; None where there is but one process."""
    folder: str | None = getattr(config, "workerinput", {}).get(WORKERS_FOLDER)
    return Path(folder) if folder else None


@contextlib.contextmanager
def keeper(mode: str, folder: Path) -> Iterator[None]:
    """Keeps servers ready for whoever asks with this folder; they are stopped at the end."""
    command = [sys.executable, "-m", __name__, mode, str(folder)]
    # In a session of its own: a Ctrl-C is the run's to deal with. Leaving the block closes its input, which ends it.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it listens
        yield


def ask(folder: Path) -> Servers:
    """The addresses; returns when the servers run."""
    with _talk(folder, "servers") as answer:
        return Servers(answer["kafka"], answer["postgres"], lambda: _talk(folder, "pause"))


@contextlib.contextmanager
def _talk(folder: Path, question: str) -> Iterator[Any]:
    """Asks, and keeps the connection for as long as the answer is to hold."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(folder / _SOCKET))
        with connection.makefile("rw") as lines:
            print(question, file=lines, flush=True)  # noqa: T201
            answer = lines.readline()
            assert answer, "the servers of the run did not start: the reason is above"
            yield json.loads(answer)
            print("done", file=lines, flush=True)  # noqa: T201
            lines.readline()


def _keep(mode: str, folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, contextlib.ExitStack() as stack:
        listener.bind(str(folder / _SOCKET))
        listener.listen()
        os.write(1, b"listening\n")
        servers: Servers | None = None
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:  # nothing is ever written to it: the run is over
                return
            connection, _ = listener.accept()
            with connection, connection.makefile("rw") as lines:
                question = lines.readline().strip()
                servers = servers or stack.enter_context(start(mode, folder))
                with servers.kafka_paused() if question == "pause" else contextlib.nullcontext():
                    print(json.dumps({"kafka": servers.kafka, "postgres": servers.postgres}), file=lines, flush=True)  # noqa: T201
                    lines.readline()
                print("done", file=lines, flush=True)  # noqa: T201


if __name__ == "__main__":
    _keep(sys.argv[1], Path(sys.argv[2]))
