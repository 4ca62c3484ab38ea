"""How long `weboffice up` takes from the command to READY, on a home that was used before."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.contenders import ROOT
from benchmarks.servers import stop


def seconds(rounds: int) -> list[float]:
    found = []
    with tempfile.TemporaryDirectory(prefix="bench-home-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        environment = {**os.environ, "WEBOFFICE_HOME": f"{folder}/home", "WEBOFFICE_LOG": "json"}
        for number in range(rounds + 1):
            started = time.monotonic()
            with Path(folder, "up.log").open("ab") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "ops", "up", "--port", "0"],
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=ROOT,
                )
            assert process.stdout is not None
            line = process.stdout.readline()
            if number:  # the first one makes the home
                found.append(time.monotonic() - started)
            process.terminate()
            stop(process)
            if not line.startswith(b"READY"):
                raise RuntimeError("`weboffice up` did not become ready")
    return found
