"""Tries the deliberate bugs of `tests.faults.mutants`: `python -m tests.faults.mutation [--report] [WORD …]`.

Each is put into a copy of the sources, the tests named run there, and one has to fail. Exit code 1 where a bug lives on
unseen. With `--report` docs/reliability.md gets the table of which test caught which.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from msgspec import Struct

from tests.faults.mutants import MUTANTS, Mutant
from tests.faults.report import got, put

ROOT = Path(__file__).parents[2]
_LONGEST_S = 900
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)(?: - (.*))?$", re.MULTILINE)


class Caught(Struct, frozen=True):
    """The test that failed with the bug in, and what it said."""

    mutant: Mutant
    test: str
    said: str


def attempt(mutant: Mutant) -> Caught | None:
    """Puts the bug into a copy, runs its tests there; None where all of them passed."""
    with tempfile.TemporaryDirectory(prefix="weboffice-mutant-") as folder:
        copy = Path(folder) / "copy"
        copy_sources(copy)
        for change in mutant.changes:
            path = copy / change.file
            text = path.read_text()
            assert text.count(change.old) == 1, (change.file, change.old)
            path.write_text(text.replace(change.old, change.new))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutant.tests],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
        )
    found = _FAILED.search(done.stdout)
    if done.returncode == 0:
        return None
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-3000:]
    assert found is not None, done.stdout[-3000:]
    return Caught(mutant, found[1], found[2] or "")


def copy_sources(target: Path) -> None:
    """What git knows of, as it stands in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def _report(caught: list[Caught]) -> None:
    """Puts the rows of those tried now in place of their earlier ones; a bug that is no longer tried loses its row."""
    rows = dict(re.findall(r"^\| (.*) \| (`.*`) \|$", got("mutations"), re.MULTILINE))
    rows |= {one.mutant.name: f"`{one.test}`" for one in caught}
    table = [f"| {mutant.name} | {rows[mutant.name]} |" for mutant in MUTANTS if mutant.name in rows]
    put("mutations", "\n".join(["| deliberate bug | caught by |", "|---|---|", *table]))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutation", description=__doc__)
    parser.add_argument("words", nargs="*", help="only the bugs whose description holds one of these")
    parser.add_argument("--report", action="store_true", help="write the table into docs/reliability.md")
    arguments = parser.parse_args()
    chosen = [m for m in MUTANTS if not arguments.words or any(word in m.name for word in arguments.words)]
    caught = []
    for mutant in chosen:
        found = attempt(mutant)
        caught.extend([found] if found else [])
        sys.stdout.write(f"{mutant.name}: {f'caught by {found.test}: {found.said}' if found else 'NOT CAUGHT'}\n")
        sys.stdout.flush()
    if arguments.report:
        _report(caught)
    return int(len(caught) < len(chosen))


if __name__ == "__main__":
    sys.exit(main())
