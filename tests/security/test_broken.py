"""Markers say what has to be broken for their tests to fail; ten are taken at their word."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.faults.mutation import ROOT, copy_sources
from tests.infrastructure import Servers
from tests.security import asvs
from tests.security.broken import BROKEN, UNTOUCHED

_OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR) ([^\s\[]+)", re.MULTILINE)


def test_ten_markers_are_true(servers: Servers, template: str, tmp_path: Path) -> None:
    """With what they name broken, each of these tests fails; a test beside them passes."""
    for broken in BROKEN:
        path = tmp_path / broken.file
        if not path.exists():
            copy_sources(tmp_path)
        text = path.read_text()
        assert text.count(broken.old) == 1, broken
        path.write_text(text.replace(broken.old, broken.new))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-q", "-rA", "-p", "no:cacheprovider"]
        + [*(broken.test for broken in BROKEN), UNTOUCHED],
        cwd=tmp_path,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            "PYTHONPATH": str(tmp_path),
            "TEST_SERVERS": json.dumps([servers.kafka, servers.postgres]),
        },
        capture_output=True,
        text=True,
        timeout=600,
    )
    outcomes: dict[str, set[str]] = {}
    for outcome, test in _OUTCOME.findall(done.stdout):
        outcomes.setdefault(test, set()).add(outcome)
    assert outcomes[UNTOUCHED] == {"PASSED"}, done.stdout[-3000:]
    unnoticed = [broken.requirement for broken in BROKEN if "FAILED" not in outcomes.get(broken.test, set())]
    assert unnoticed == [], done.stdout[-3000:]


def test_what_is_broken_is_what_markers_name() -> None:
    """Ten or more, each a marker of the suite, each with its place in the sources."""
    markers = {(marker.requirement, marker.test) for marker in asvs.markers()}
    assert len(BROKEN) >= 10
    assert {(broken.requirement, broken.test) for broken in BROKEN} <= markers
    assert all((ROOT / broken.file).read_text().count(broken.old) == 1 for broken in BROKEN)
