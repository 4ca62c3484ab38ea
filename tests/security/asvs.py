"""`python -m tests.security.asvs`: docs/security.md, the table of requirements made from the tests' markers.

A test says `@pytest.mark.asvs("V3.4.3", "the policy is not sent")`: which requirement of OWASP ASVS 5.0.0 it shows to
met, and what has to be broken for it to fail. A requirement without a test shows as open.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

_TESTS = Path(__file__).parents[1]
DOCUMENT = _TESTS.parent / "docs" / "security.md"
_BEGIN, _END = "<!-- made by `python -m tests.security.asvs` -->\n", "<!-- end -->\n"


class Requirement(Struct, frozen=True):
    """A requirement by its number, with its level and the name of its section."""

    number: str
    level: int
    section: str


class Marker(Struct, frozen=True):
    """What a test says of itself: `breaks` is what has to be broken for it to fail."""

    requirement: str
    breaks: str
    test: str


def requirements() -> list[Requirement]:
    lines = Path(__file__).with_name("requirements.txt").read_text().splitlines()
    split = [line.split(" ", 2) for line in lines if not line.startswith("#")]
    return [Requirement(number, int(level), section) for number, level, section in split]


def not_applicable() -> dict[str, str]:
    """Requirement → why it has no object here."""
    lines = Path(__file__).with_name("not_applicable.txt").read_text().splitlines()
    return dict(line.split(" ", 1) for line in lines if not line.startswith("#"))


def markers() -> Iterator[Marker]:
    """All markers, read from the tests' source without importing it."""
    for path in sorted(_TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.asvs":
                        number, breaks = (ast.literal_eval(argument) for argument in decorator.args)
                        yield Marker(number, breaks, f"{path.relative_to(_TESTS.parent)}::{node.name}")


def table() -> str:
    """The table as Markdown, with the counts above it."""
    found, elsewhere = defaultdict(list), not_applicable()
    for marker in markers():
        found[marker.requirement].append(marker)
    rows, counts = [], {"shown by a test": 0, "without an object here": 0, "open": 0}
    for requirement in requirements():
        if tests := found.get(requirement.number):
            state = "shown by a test"
            by = "<br>".join(f"`{marker.test}` fails where {marker.breaks}" for marker in tests)
        elif reason := elsewhere.get(requirement.number):
            state, by = "without an object here", reason
        else:
            state, by = "open", ""
        counts[state] += 1
        rows.append(f"| {requirement.number} | {requirement.level} | {requirement.section} | {state} | {by} |")
    head = ["| requirement | level | section | state | by |", "|---|---|---|---|---|"]
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"Of {len(rows)} requirements: {told}.\n\n" + "\n".join([*head, *rows]) + "\n"


def document(text: str) -> str:
    """The document's text with its table made anew."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{table()}\n{_END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text()))
    sys.stdout.write(f"{DOCUMENT} is written\n")
