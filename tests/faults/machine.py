"""Random steps against a running system: what tills and owners do, and faults. Seeded; the plan is data.

A plan is a list of steps, each a rule's name and a seed of its own, so that a plan with steps left out does the same in
the steps that are left. Real processes take their own time: the same plan strikes the same way, not at the same moment.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from random import Random

from msgspec import Struct

from tests.faults.oracle import Account, Oracle
from tests.faults.realtills import RealTill
from tests.faults.system import ZONE, System
from tests.faults.tills import Run, Tills

_PACE_S = 0.15


class Step(Struct, frozen=True):
    """A rule's name and the seed of its choices."""

    rule: str
    seed: int

    def __str__(self) -> str:
        return f"{self.rule}:{self.seed}"


class Rule(Struct, frozen=True):
    """`fault` says how a fault is caused ("" for what tills and owners do); `weight` how often it is drawn.

    `action` returns whether there was something to do.
    """

    name: str
    fault: str
    weight: float
    action: Callable[[Machine, Random], bool]


RULES: dict[str, Rule] = {}
"""Filled by `tests.faults.rules`."""


def rule(
    name: str, weight: float, fault: str = ""
) -> Callable[[Callable[[Machine, Random], bool]], Callable[[Machine, Random], bool]]:
    """Registers a rule."""

    def register(action: Callable[[Machine, Random], bool]) -> Callable[[Machine, Random], bool]:
        RULES[name] = Rule(name, fault, weight, action)
        return action

    return register


def plan(seed: int, steps: int) -> list[Step]:
    """The steps that a seed stands for."""
    chance = Random(seed)
    rules = list(RULES.values())
    drawn = chance.choices(rules, [one.weight for one in rules], k=steps)
    return [Step(one.name, chance.getrandbits(32)) for one in drawn]


class Machine:
    """The state that rules work on. By rule, `drawn` counts the steps taken, `tried` those that had something to do."""

    def __init__(self, system: System, tills: Tills) -> None:
        self.system = system
        self.tills = tills
        self.oracle = Oracle(system)
        self.accounts: list[Account] = []
        self.registered: dict[str, tuple[str, str]] = {}  # outlet → (till, its token)
        self.removed: set[str] = set()
        self.drawn: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()
        self.checks = 0
        self.busy: set[str] = set()  # what an outage that lasts has hold of
        self.buried: list[Run] = []  # of tills that are gone with what they had
        self._later: list[tuple[float, str, Callable[[], None]]] = []
        for number in range(2):
            self.register(f"owner{number}@example.org", [f"Лавка {number}а", f"Лавка {number}б"])
        self.real_tills = [
            RealTill(system.url, outlet, *of_till, system.folder / "real-tills" / outlet)
            for outlet, of_till in list(self.registered.items())[1:3]
        ]

    @property
    def runs(self) -> list[Run]:
        return self.tills.runs

    @property
    def all_runs(self) -> list[Run]:
        """Those of tills with a spool and of buried ones, too."""
        return [*self.runs, *self.buried, *(till.run for till in self.real_tills)]

    def bury(self, run: Run) -> None:
        """Its till is gone with all that it had: nothing of the run comes any more."""
        self.tills.runs.remove(run)
        run.late.clear()
        self.buried.append(run)

    def forget_acknowledged(self, lost: dict[tuple[str, str, str], set[int]]) -> None:
        """Numbers that the service said it lost are owed no more, unless the till has a spool."""
        for run in [*self.runs, *self.buried]:
            gone = lost.get((run.outlet, run.till, run.id), set())
            run.acknowledged -= gone
            run.settled -= gone

    def check_rows(self) -> None:
        """Asks the oracle at once, but for the service's own proofs."""
        self.oracle.check(self.all_runs, self.accounts, self.removed, proofs=False)

    def register(self, email: str, outlets: list[str]) -> None:
        """An account with outlets, or more outlets of it, each with a till and a first run."""
        made = self.system.service.provision(*outlets, email=email, zone=ZONE)
        account = next((known for known in self.accounts if known.id == made["account_id"]), None)
        if account is None:
            self.accounts.append(account := Account(made))
        for outlet in made["outlets"]:
            if outlet["outlet_id"] not in account.outlets:
                account.outlets.append(outlet["outlet_id"])
            till = self._till_of(outlet["outlet_id"])
            self.registered[outlet["outlet_id"]] = (till, outlet["till_token"])
            self.tills.begin(outlet["outlet_id"], till, outlet["till_token"], Random(outlet["outlet_id"]))

    def _till_of(self, outlet: str) -> str:
        import psycopg

        with psycopg.connect(self.system.postgres) as connection:
            found = connection.execute("SELECT till_id::text FROM app.tills WHERE outlet_id = %s", (outlet,)).fetchone()
        assert found is not None
        return str(found[0])

    def fresh_run(self, chance: Random) -> Run:
        """A new run of the first outlet's till."""
        outlet = next(iter(self.registered))
        return self.tills.begin(outlet, *self.registered[outlet], chance)

    def pick(self, chance: Random) -> Run:
        """A run, the young ones more often."""
        return chance.choice(self.runs[-8:] if chance.random() < 0.7 else self.runs)

    def later(self, seconds: float, what: str, action: Callable[[], None]) -> None:
        """Ends an outage of `what` after a while, between two steps."""
        self.busy.add(what)
        self._later.append((time.monotonic() + seconds, what, action))

    def take_step(self, step: Step) -> None:
        """Does a step; while something is away they come more slowly, or an outage would see the most of them."""
        self._end_outages(time.monotonic())
        time.sleep(_PACE_S if self.busy else _PACE_S / 10)
        self.drawn[step.rule] += 1
        if RULES[step.rule].action(self, Random(step.seed)):
            self.tried[step.rule] += 1

    def _end_outages(self, now: float) -> None:
        due = [entry for entry in self._later if entry[0] <= now]
        self._later = [entry for entry in self._later if entry[0] > now]
        for _, what, action in due:
            self.busy.discard(what)
            action()

    def check(self, chance: Random, proofs: bool = True) -> None:
        """Ends every fault, lets half of what is missing come, waits until all is worked off, and asks the oracle.

        `proofs`: the service's own, too (`verify`, `ledger`, `rebuild`, `privacy-scan`), which take the most time.
        """
        self.recover()
        for run in self.runs:
            if chance.random() < 0.5:
                self._bring_to_its_end(run)
        self.system.wait_worked_off()
        self.oracle.check(self.all_runs, self.accounts, self.removed, proofs)
        self.checks += 1

    def recover(self) -> None:
        """Ends every fault; returns when the service is ready and nothing is on its way."""
        self._end_outages(float("inf"))
        self.system.wait_healthy()
        self.tills.wait()

    def _bring_to_its_end(self, run: Run) -> None:
        """Sends what was not acknowledged, until it is."""
        for span in [*run.batches, *run.late]:
            if not set(range(span[0], span[1] + 1)) <= run.acknowledged and run.readable(span):
                deadline = time.monotonic() + 120
                while not self.tills.post(run, span):
                    assert time.monotonic() < deadline, "an upload is not accepted by a healthy system"
                    time.sleep(0.1)
        run.late.clear()
