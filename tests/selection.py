"""Which tests `make quick` and `make nightly` run: nobody marks the quick ones by hand, their fixtures tell.

A test is `quick` where it needs nothing that is started: no Kafka, no PostgreSQL, no browser, no other program. A test
that starts servers by itself asks for the fixture `own_servers`, one that starts other programs for `programs`; a test
that starts something without asking fails.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import pytest

STARTED = {"servers", "browser", "own_servers", "strace", "programs"}
"""A test with one of these among its fixtures, its fixtures' fixtures included, is not quick."""

_quick_test: str | None = None
"""The quick test that runs now."""


@pytest.fixture(scope="session")
def own_servers() -> None:
    """Asked for by what starts servers of its own, or runs commands that do."""


@pytest.fixture(scope="session")
def programs() -> None:
    """Asked for by what starts programs that start no servers: a command, a till, a child to be killed."""


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what `-m` leaves out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not STARTED & set(getattr(item, "fixturenames", ())) and "nightly" not in item.keywords:
            item.add_marker("quick")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    with _watched(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with _watched(item):
        return (yield)


@contextlib.contextmanager
def _watched(item: pytest.Item) -> Iterator[None]:
    """Not while a test is torn down: the last one of a package takes along what others started there."""
    global _quick_test
    _quick_test = item.nodeid if "quick" in item.keywords else None
    try:
        yield
    finally:
        _quick_test = None


def _refuse_programs(event: str, arguments: tuple[object, ...]) -> None:
    if event == "subprocess.Popen" and _quick_test is not None:
        raise AssertionError(
            f"{_quick_test} starts {arguments[0]!r}, and no fixture of it says so: it asks for `programs`"
            ' (@pytest.mark.usefixtures("programs")), or for `own_servers`, so that `make quick` leaves it out'
        )


sys.addaudithook(_refuse_programs)  # it stays for the process's life, and does nothing between quick tests
