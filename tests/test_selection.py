"""The guard of the quick tests: it refuses servers to them, and to them alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_CONFTEST = """
import subprocess, sys
import pytest
from tests.selection import *
from tests.selection import pytest_runtest_call, pytest_runtest_setup

def start(what):
    subprocess.run([sys.executable, "-c", "", what], check=True)

@pytest.fixture(scope="package")
def server(own_servers):
    yield start("postgres")
    start("postgres")  # so that it ends
    print("ended cleanly")
"""
_STARTERS = """
def test_quick(): start('postgres')

@pytest.fixture
def quiet(): start('postgres')

def test_quick_by_its_fixture(quiet): pass
"""


@pytest.mark.usefixtures("own_servers")  # of pytest; nothing else is started here
def test_a_quick_test_that_comes_last_may_end_the_servers_of_others(tmp_path: Path) -> None:
    """What a whole package shares is torn down after its last test, though that is a quick one."""
    done = _run(tmp_path, "def test_with_a_server(server): pass\ndef test_quick(): pass\n")
    assert done.returncode == 0, done.stdout
    assert "ended cleanly" in done.stdout


@pytest.mark.usefixtures("own_servers")
def test_a_quick_test_starts_nothing(tmp_path: Path) -> None:
    """It is refused in the test and in a fixture that it asks for, and told what to ask for."""
    done = _run(tmp_path, _STARTERS)
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    assert "1 error" in done.stdout
    assert done.stdout.count("it asks for `programs`") >= 2


def _run(folder: Path, tests: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(_CONFTEST)
    (folder / "test_it.py").write_text(f"import pytest\nfrom conftest import start\n\n{tests}")
    root = str(Path(__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)],
        env={"PYTHONPATH": root, "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
