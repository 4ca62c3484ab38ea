"""A run in several workers (`pytest -n 3`): which tests stay together, which begin, and which want to be alone.

The workers share one Kafka and one PostgreSQL; each test has its own database and topics on them as ever. Without `-n`
nothing of this is in use.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.infrastructure import MODE, open_folder
from tests.shared_servers import WORKERS_FOLDER, keeper, shared_folder

TOGETHER = ("tests/faults", "tests/browser", "tests/producers/importers", "tests/roundtrip")
"""Folders whose tests share something that is dear to start: one worker runs all of them."""
FIRST = (
    "tests/faults",
    "tests/browser",
    "tests/test_several.py",
    "tests/test_kill.py",
    "tests/test_restored.py",
    "tests/test_contributing.py",
    "tests/producers/importers",
    "tests/roundtrip",
    "tests/test_spine.py",
    "tests/producers/till/test_killed_between_calls.py",
    "tests/projections/test_rebuild.py",
    "tests/upgrade/test_upgrade.py",
)
"""What takes longest, longest first: begun last, it would leave the other workers idle at the end."""
_SHARED = pytest.StashKey[Path]()
_UNTIL_THE_END = pytest.StashKey[contextlib.ExitStack]()


@pytest.fixture
def alone() -> None:
    """Asked for by a test during which no other worker may run one."""


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """A worker takes a file of tests at a time, or a whole folder of `TOGETHER`, in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


def _group(nodeid: str) -> str:
    file = nodeid.split("::")[0]
    return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_configure_node(node: WorkerController) -> None:
    """In the process that controls the workers, before each of them starts."""
    config = node.config
    if _SHARED not in config.stash:
        stack = config.stash[_UNTIL_THE_END] = contextlib.ExitStack()
        folder = config.stash[_SHARED] = stack.enter_context(open_folder())
        stack.enter_context(keeper(MODE, folder))
    node.workerinput[WORKERS_FOLDER] = str(config.stash[_SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    if stack := config.stash.get(_UNTIL_THE_END, None):
        stack.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if shared_folder(config):
        items.sort(key=lambda item: FIRST.index(group) if (group := _group(item.nodeid)) in FIRST else len(FIRST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Holds a lock that many tests hold together, or one alone."""
    folder = shared_folder(item.config)
    if folder is None:
        return (yield)
    with (folder / "going-on").open("w") as going_on:
        with (folder / "next").open("w") as turn:  # held while waiting: who wants to be alone is not passed over
            fcntl.flock(turn, fcntl.LOCK_EX)
            fcntl.flock(going_on, fcntl.LOCK_EX if "alone" in getattr(item, "fixturenames", ()) else fcntl.LOCK_SH)
        return (yield)
