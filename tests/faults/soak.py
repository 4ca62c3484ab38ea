"""Random faults for as long as one likes: `make soak MINUTES=60`, or `python -m tests.faults.soak --minutes 60`.

Prints the seed first. Where something does not hold, it writes the steps so far to a file, makes them fewer as long as
the time given for that lasts, and says how to take them again. With `--report` docs/reliability.md gets the summary.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tests.faults import rules as rules  # fills RULES
from tests.faults.machine import RULES, Machine, Step, plan
from tests.faults.report import Summary, write
from tests.faults.system import running_system
from tests.faults.tills import Tills

_ROUND = 700
"""Steps after which a new system takes over: the model recounts everything at each check."""
_CHECK_EVERY = 100


class Failed(Exception):
    """Something did not hold."""

    def __init__(self, steps: list[Step]) -> None:
        super().__init__(f"after {len(steps)} steps")
        self.steps = steps


def run(steps: Sequence[Step], seed: int, summary: Summary, until: float = float("inf"), verbose: bool = False) -> None:
    """Takes the steps on a new system, as many as there is time for, and checks now and then. Raises `Failed`."""
    taken: list[Step] = []
    chance = Random(seed)
    try:
        with running_system() as system, Tills(system.url) as tills:
            machine = Machine(system, tills)
            for step in steps:
                if time.monotonic() > until:
                    break
                taken.append(step)
                if verbose and RULES[step.rule].fault:
                    _say(f"{datetime.now(UTC):%H:%M:%S} {step}")
                machine.take_step(step)
                if len(taken) % _CHECK_EVERY == 0:
                    machine.check(chance)
                    _say(f"{summary.steps + len(taken)} steps, {machine.oracle.events} events in the log: all holds")
            machine.check(chance)
            summary.add(machine, len(taken))
    except Exception as exc:
        raise Failed(taken) from exc


def fewer(steps: list[Step], fails: Callable[[list[Step]], bool], until: float) -> list[Step]:
    """Leaves out what the failure does not need (pieces of half the steps, of a quarter, …) while there is time."""
    size = len(steps) // 2
    while size:
        for first in range(0, len(steps), size):
            if time.monotonic() > until:
                return steps
            left = steps[:first] + steps[first + size :]
            if left and fails(left):
                steps = left
                break
        else:
            size //= 2
    return steps


def main() -> int:
    arguments = _arguments()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(2**31)
    _say(f"seed {seed}; rules: {len(RULES)}, of them faults: {sum(bool(rule.fault) for rule in RULES.values())}")
    started = time.monotonic()
    until = started + 60 * arguments.minutes
    summary = Summary(seed)
    steps = _read(arguments.replay) if arguments.replay else plan(seed, arguments.steps)
    first = failures = 0
    while first < len(steps) and time.monotonic() < until:
        try:
            run(steps[first : first + _ROUND], seed + first, summary, until, arguments.verbose)
            first += _ROUND
        except Failed as failed:
            traceback.print_exception(failed)
            failures += 1
            _leave_replay(failed.steps, seed + first, arguments.shrink)
            if not arguments.go_on:
                return 1
            first += len(failed.steps)
    summary.minutes = (time.monotonic() - started) / 60
    _say(summary.as_text(), f"failures: {failures}")
    if arguments.report and not failures:
        write(summary)
    return int(failures > 0)


def _leave_replay(steps: list[Step], seed: int, minutes: float) -> None:
    path = Path(f"soak-{seed}.steps")

    def fails(left: list[Step]) -> bool:
        try:
            run(left, seed, Summary(seed))
        except Failed:
            path.write_text("\n".join(map(str, left)) + "\n")
            _say(f"{len(left)} steps fail")
            return True
        return False

    path.write_text("\n".join(map(str, steps)) + "\n")
    left = fewer(steps, fails, time.monotonic() + 60 * minutes)
    _say(f"seed {seed} failed; {len(left)} steps are in {path}:", *map(str, left[-20:]))
    _say(f"again: python -m tests.faults.soak --seed {seed} --replay {path}")


def _read(path: Path) -> list[Step]:
    pairs = [line.rsplit(":", 1) for line in path.read_text().splitlines() if line]
    return [Step(name, int(number)) for name, number in pairs]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, help="by default a new one, which is printed")
    parser.add_argument("--steps", type=int, default=100_000, help="at most so many")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="these steps instead of random ones")
    parser.add_argument("--shrink", type=float, default=10, metavar="MINUTES", help="time for making a failure smaller")
    parser.add_argument("--go-on", action="store_true", help="after a failure, go on with the steps that are left")
    parser.add_argument("--verbose", action="store_true", help="print each fault before it is caused")
    parser.add_argument("--report", action="store_true", help="write the summary into docs/reliability.md")
    return parser.parse_args()


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
