"""`python -m tests.security.audit`: are weaknesses known of what the lock files name? A part of `make check`.

pip-audit asks the package index; it is asked once a day for the same lock files, and what it said is told again until
then. Where it or its data can't be reached in time that is said, loudly, and the check goes on: no connection is no
fault of the code. pip-audit itself calls a package that the index says nothing of 'no known vulnerabilities'; here that
is no answer.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
_HOME = ROOT / ".venv" / "audit"
"""pip-audit has an environment of its own: what it needs is nothing that the service does."""
_PATIENCE_S = 60.0
_SKIPPED = "!!! pip-audit SKIPPED: {} !!! Weaknesses of the dependencies were NOT looked for."


class Found(Struct):
    """What pip-audit says of one package."""

    name: str
    version: str = ""
    skip_reason: str = ""
    vulns: list[dict[str, object]] = []


class Report(Struct):
    dependencies: list[Found]


class Verdict(Struct, frozen=True):
    """What was found for lock files of this digest on that day. `weak`: nothing may be released like this."""

    digest: str
    day: str
    weak: bool
    text: str


def judged(reports: Sequence[Report]) -> tuple[bool, str]:
    """(weaknesses are known, what to say)."""
    packages = {(found.name, found.version): found for report in reports for found in report.dependencies}.values()
    unanswered = [found.name for found in packages if found.skip_reason]
    weak = [f"{found.name} {found.version}: {_ids(found)}" for found in packages if found.vulns]
    if len(unanswered) == len(packages):
        return False, _SKIPPED.format("its data can't be reached")
    lines = [f"pip-audit: {len(packages) - len(unanswered)} packages looked up, {len(weak)} with known weaknesses"]
    if unanswered:
        lines.append(f"!!! pip-audit got no answer about {len(unanswered)}: {', '.join(sorted(unanswered))} !!!")
    return bool(weak), "\n".join([*lines, *sorted(weak)])


def _ids(found: Found) -> str:
    return ", ".join(f"{each['id']} (mended in {each.get('fix_versions') or 'no version'})" for each in found.vulns)


def remembered(file: Path, digest: str, today: date) -> Verdict | None:
    """What was found today for the same lock files."""
    try:
        verdict = msgspec.json.decode(file.read_bytes(), type=Verdict)
    except (OSError, msgspec.MsgspecError):
        return None
    return verdict if (verdict.digest, verdict.day) == (digest, today.isoformat()) else None


def _asked() -> tuple[bool, str]:
    end = time.monotonic() + _PATIENCE_S
    program = _HOME / "bin" / "pip-audit"
    try:
        if not program.exists():
            _run([sys.executable, "-m", "venv", str(_HOME)], end)
            _run([str(_HOME / "bin" / "pip"), "--quiet", "install", "--retries", "0", "pip-audit>=2.10"], end)
        options = ["--disable-pip", "--require-hashes", "--timeout", "5", "--progress-spinner", "off", "-f", "json"]
        reports = [_run([str(program), *options, "-r", str(ROOT / lock)], end, (0, 1)) for lock in LOCKS]
        return judged([msgspec.json.decode(report, type=Report) for report in reports])
    except subprocess.TimeoutExpired:
        return False, _SKIPPED.format(f"no answer within {_PATIENCE_S:.0f} s")
    except (OSError, subprocess.CalledProcessError, msgspec.MsgspecError) as exc:
        return False, _SKIPPED.format(f"it can't be had or did not end well ({type(exc).__name__})")


def _run(command: list[str], end: float, codes: tuple[int, ...] = (0,)) -> bytes:
    done = subprocess.run(command, capture_output=True, timeout=max(1.0, end - time.monotonic()))
    if done.returncode not in codes:
        raise subprocess.CalledProcessError(done.returncode, command[0])
    return done.stdout


def main() -> int:
    digest = hashlib.sha256(b"".join((ROOT / lock).read_bytes() for lock in LOCKS)).hexdigest()
    file, today = _HOME / "verdict.json", datetime.now(UTC).date()
    verdict = remembered(file, digest, today)
    if verdict is None:
        verdict = Verdict(digest, today.isoformat(), *_asked())
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.encode(verdict))
    sys.stderr.write(f"{verdict.text}\n")
    return int(verdict.weak)


if __name__ == "__main__":
    raise SystemExit(main())
