"""What pip-audit says counts as it should: known weaknesses stop the check, no answer is told as no answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from tests.security.audit import LOCKS, ROOT, Found, Report, Verdict, judged, remembered

_KNOWN: dict[str, object] = {"id": "PYSEC-2026-1", "fix_versions": ["2.0"]}


@pytest.mark.asvs("V15.2.1", "known weaknesses of a package pass")
def test_a_known_weakness_stops_the_check() -> None:
    """A package with a known weakness is named with what mends it, from whichever lock file it is."""
    fine = Report([Found("fine", "1.0")])
    weak, text = judged([fine, Report([Found("fine", "1.0"), Found("weak", "1.0", vulns=[_KNOWN])])])
    assert weak
    assert "2 packages looked up, 1 with known weaknesses\nweak 1.0: PYSEC-2026-1 (mended in ['2.0'])" in text
    assert judged([fine]) == (False, "pip-audit: 1 packages looked up, 0 with known weaknesses")


def test_no_answer_is_no_good_news() -> None:
    """Packages that the index says nothing of are named; where it says nothing of any, the check says SKIPPED."""
    silent = Found("silent", skip_reason="not found")
    assert "no answer about 1: silent" in judged([Report([Found("fine", "1.0"), silent])])[1]
    assert judged([Report([silent])]) == (
        False,
        "!!! pip-audit SKIPPED: its data can't be reached !!! Weaknesses of the dependencies were NOT looked for.",
    )


def test_it_is_asked_once_a_day_for_the_same_lock_files(tmp_path: Path) -> None:
    """What was found counts for its day and for these lock files alone; a file that can't be read is none."""
    file, day = tmp_path / "verdict.json", date(2026, 11, 29)
    verdict = Verdict("digest", day.isoformat(), True, "weak")
    file.write_bytes(msgspec.json.encode(verdict))
    assert remembered(file, "digest", day) == verdict
    assert remembered(file, "other", day) is None
    assert remembered(file, "digest", date(2026, 11, 30)) is None
    file.write_bytes(b"{")
    assert remembered(file, "digest", day) is None


def test_make_check_runs_it() -> None:
    """`make check` asks, for both lock files."""
    assert "-m tests.security.audit" in (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    assert all((ROOT / lock).is_file() for lock in LOCKS)
