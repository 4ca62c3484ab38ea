"""The worked examples of CONTRIBUTING.md can be followed: each patch applies, and what it adds passes its tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest

from tests.infrastructure import Servers

_ROOT = Path(__file__).parents[1]
_FOLDERS = [
    "schemas",
    "producers",
    "streams",
    "projections",
    "webapp",
    "notices",
    "ops",
    "benchmarks",
    "tests",
    "docs/api",
]
_DESCRIPTION = "tests/test_api_fuzz.py::test_the_description_that_is_checked_in_is_current"


def _copy(to: Path) -> None:
    for folder in _FOLDERS:
        shutil.copytree(_ROOT / folder, to / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_ROOT / "pyproject.toml", to)


def _run(folder: Path, *command: str, **variables: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(folder), **variables}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}"


@pytest.mark.parametrize(
    ("patch", "publish", "tests"),
    [
        (
            "add-an-event",
            True,
            [
                *("tests/schemas/test_events.py", "tests/schemas/test_records.py", "tests/schemas/test_publish.py"),
                *("tests/streams/test_minimised.py", "tests/producers/simulator/test_history.py", _DESCRIPTION),
            ],
        ),
        (
            "add-a-projection",
            False,
            ["tests/projections/test_models.py", "tests/projections/test_projections.py", "tests/ops/test_migrate.py"],
        ),
        (
            "add-a-page",
            False,
            [
                "tests/webapp/reports/test_returns.py",
                "tests/webapp/test_declarations.py",
                "tests/webapp/test_translation.py",
            ],
        ),
    ],
)
def test_an_example_can_be_followed(
    servers: Servers, tmp_path: Path, patch: str, publish: bool, tests: list[str]
) -> None:
    """The patch applies to the present code, lints, and its own tests and those of its surroundings pass."""
    text = (_ROOT / "CONTRIBUTING.md").read_text()
    assert f"docs/examples/{patch}.patch" in text
    _copy(tmp_path)
    _run(tmp_path, "git", "apply", str(_ROOT / "docs" / "examples" / f"{patch}.patch"))
    _run(tmp_path, sys.executable, "-m", "ruff", "check", "--no-cache", ".")
    _run(tmp_path, sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")
    if publish:
        for command in _recipe("schemas"):
            _run(tmp_path, "bash", "-euc", command)
    ours = {"TEST_SERVERS": json.dumps([servers.kafka, servers.postgres]), "TEST_TEMPLATE": f"template_{patch}"}
    _run(
        tmp_path,
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--hypothesis-profile=quick",
        *tests,
        **ours,
    )


@pytest.mark.usefixtures("own_servers")  # as pytest is started, though nothing else is
@pytest.mark.parametrize(
    ("left_out", "test", "named"),
    [
        (
            "projections/models/sold_by_warehouse.py",
            "",
            "its module is missing: projections/models/sold_by_warehouse.py",
        ),
        (
            "projections/models/__init__.py",
            "::test_no_declaration_is_left_out",
            "projections/models/sold_by_warehouse.py is not listed in PROJECTIONS",
        ),
        pytest.param(
            "tests/projections/recounts/sold_by_warehouse.py",
            "",
            "write tests/projections/recounts/sold_by_warehouse.py",
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_what_is_left_out_of_a_projection_is_named(tmp_path: Path, left_out: str, test: str, named: str) -> None:
    """Without its module, its line or its recount, a quick test fails and says which one is missing."""
    _copy(tmp_path)
    patch = str(_ROOT / "docs" / "examples" / "add-a-projection.patch")
    _run(tmp_path, "git", "apply", f"--exclude={left_out}", patch)
    quick = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    quick += ["--hypothesis-profile=quick", f"tests/projections/test_models.py{test}"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(quick, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode != 0
    assert named in done.stdout + done.stderr


def _recipe(target: str) -> list[str]:
    """The commands of a target of the Makefile, with our own Python."""
    lines = (_ROOT / "Makefile").read_text().split(f"\n{target}:")[1].splitlines()[1:]
    return [line.strip().replace("$(BIN)/python", sys.executable) for line in takewhile(str.strip, lines)]


@pytest.mark.usefixtures("own_servers")  # of pytest; the tests that it runs here start none
@pytest.mark.parametrize(
    ("part", "test", "message"),
    [
        ("webapp/pages.py", "declarations.py::test_every_page_is_listed", "webapp.reports.returns.PAGE"),
        (
            "webapp/templates/reports/returns.html",
            "declarations.py::test_a_context_has_its_template",
            "there is no webapp/templates/reports/returns.html",
        ),
        pytest.param(
            "webapp/locale/ru/LC_MESSAGES/portal.po",
            "translation.py",
            "Nothing was returned yet.",
            marks=pytest.mark.nightly,
        ),
        pytest.param(
            "tests/webapp/reports/test_returns.py",
            "declarations.py::test_every_page_has_a_test",
            "no test opens /returns",
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_what_a_page_lacks_is_named(tmp_path: Path, part: str, test: str, message: str) -> None:
    """Without its line, its template, its texts or its test, a page fails a test that starts nothing and names it."""
    _copy(tmp_path)
    patch = str(_ROOT / "docs" / "examples" / "add-a-page.patch")
    _run(tmp_path, "git", "apply", f"--exclude={part}", patch)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/webapp/test_{test}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 1, done.stdout[-4000:]
    assert message in done.stdout
