"""What a soak did, as a table; put into docs/reliability.md between two marks, so that no figure is copied by hand."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.machine import RULES, Machine
from tests.faults.oracle import CHECKED

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"


class Summary:
    """Counts over all systems of a soak."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.minutes = 0.0
        self.steps = self.systems = self.checks = 0
        self.records = self.events = self.acknowledged = 0
        self.drawn: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()

    def add(self, machine: Machine, steps: int) -> None:
        self.systems += 1
        self.steps += steps
        self.checks += machine.checks
        self.records += machine.oracle.records
        self.events += machine.oracle.events
        self.acknowledged += sum(len(run.acknowledged) for run in machine.runs)
        self.drawn += machine.drawn
        self.tried += machine.tried
        self.answers += Counter(machine.tills.answers)

    @property
    def faults(self) -> int:
        return sum(count for name, count in self.tried.items() if RULES[name].fault)

    def as_text(self) -> str:
        answers = ", ".join(f"{status or 'none'}: {count}" for status, count in sorted(self.answers.items()))
        return (
            f"seed {self.seed}: {self.steps} steps, {self.faults} faults, {self.minutes:.0f} minutes,"
            f" {self.systems} systems, {self.checks} checks of everything; answers to uploads {answers};"
            f" {self.acknowledged} events acknowledged, {self.events} in {self.records} records of the log"
            " (repeated ones too): each acknowledged one applied once"
        )

    def as_table(self) -> str:
        rows = [
            f"| {rule.name} | {rule.fault} | {self.tried[rule.name]} of {self.drawn[rule.name]} | held |"
            for rule in RULES.values()
            if rule.fault and self.drawn[rule.name]
        ]
        return "\n".join(["| fault | how it is caused | took effect | I1–I7 |", "|---|---|---|---|", *rows])


def write(summary: Summary) -> None:
    """Replaces what the last soak wrote."""
    checked = "\n".join(f"- {sentence};" for sentence in CHECKED)
    when = datetime.now(UTC).date()
    others = ", ".join(f"{name} {count}" for name, count in sorted(summary.tried.items()) if not RULES[name].fault)
    put(
        "soak",
        f"{when}: {summary.as_text()}.\n\nAgain: `python -m tests.faults.soak --seed {summary.seed}"
        f" --steps {summary.steps}`.\n\nChecked {summary.checks} times, after every 100 steps:\n{checked}\n\n"
        "A step takes no effect where there is nothing to strike: what it would hurt is away already.\n\n"
        f"{summary.as_table()}\n\nThe other steps: {others}.",
    )


def put(name: str, body: str) -> None:
    """Replaces the part of the document between the marks of that name."""
    text = DOCUMENT.read_text()
    first, last = _place(text, name)
    DOCUMENT.write_text(f"{text[:first]}\n{body}\n{text[last:]}")


def got(name: str) -> str:
    """What stands there now."""
    text = DOCUMENT.read_text()
    first, last = _place(text, name)
    return text[first:last]


def _place(text: str, name: str) -> tuple[int, int]:
    begin = f"<!-- {name}: written by tests/faults/ -->"
    return text.index(begin) + len(begin), text.index(f"<!-- end of {name} -->")
