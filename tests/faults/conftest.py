"""One running system for the tests of this folder, healed between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.machine import Machine
from tests.faults.system import System, running_system
from tests.faults.tills import Tills


@pytest.fixture(scope="session")
def started() -> Iterator[Machine]:
    with running_system() as system, Tills(system.url) as tills:
        yield Machine(system, tills)


@pytest.fixture
def machine(started: Machine) -> Iterator[Machine]:
    """The system with its tills, whole at the beginning and at the end of each test."""
    started.recover()
    yield started
    started.recover()


@pytest.fixture
def system(machine: Machine) -> System:
    return machine.system
