"""Processes that a replay starts log as the command does."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys

import pytest
import structlog

from projections.replay.loglines import LogForm

_PARENT = """
import structlog
from ops import logs, settings
from tests.projections.test_loglines import start
logs.configure(settings.read({"WEBOFFICE_LOG": "json"}), "verify")
start()
"""


def start() -> None:
    process = multiprocessing.get_context("spawn").Process(target=_speak, args=(LogForm.here(),))
    process.start()
    process.join()


def _speak(form: LogForm) -> None:
    form.take_over()
    structlog.get_logger("projections").error("quarantined", offset=1)


@pytest.mark.usefixtures("programs")
def test_a_replays_processes_leave_stdout_to_the_answer() -> None:
    """What they log goes to stderr, in the command's own form."""
    done = subprocess.run([sys.executable, "-c", _PARENT], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    line = json.loads(done.stderr)
    assert (line["event"], line["process"], line["offset"]) == ("quarantined", "verify", 1)
