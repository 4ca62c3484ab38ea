"""One running system for the tests of this folder, healed between them."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from random import Random

import pytest

from tests.faults.machine import Machine
from tests.faults.system import System, kept_logs, running_system
from tests.faults.tills import Tills

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture(scope="package")
def started(own_servers: None) -> Iterator[Machine]:
    with running_system() as system, Tills(system.url) as tills:
        machine = Machine(system, tills)
        yield machine
        machine.check(Random(0))  # all that the tests did, by the service's own proofs as well


@pytest.fixture
def machine(started: Machine, request: pytest.FixtureRequest) -> Iterator[Machine]:
    """The system with its tills, whole at the beginning and at the end of each test."""
    started.recover()
    started.system.end_workers()
    yield started
    if request.node.stash.get(_FAILED, False):
        sys.stderr.write(f"the logs are in {kept_logs(started.system)}\n")
    started.recover()


@pytest.fixture
def system(machine: Machine) -> System:
    return machine.system
