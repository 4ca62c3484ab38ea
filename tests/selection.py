"""Which tests `make quick` and `make nightly` run: nobody marks the quick ones by hand, their fixtures tell.

A test is `quick` where it needs nothing that is started: no Kafka, no PostgreSQL, no browser. A test that starts such a
thing by itself asks for the fixture `own_servers`; one that does so without asking fails when it starts it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

NEEDS_SERVERS = {"servers", "browser", "own_servers"}
"""A test with one of these among its fixtures, its fixtures' fixtures included, is not quick."""
_SERVERS = {"java", "postgres", "initdb", "node", "chromium", "chromium-browser", "google-chrome"}
_STARTS_THEM = {"pytest", "up", "demo"}
"""Words of commands that start servers out of our sight."""

_quick_test: str | None = None
"""The quick test that runs now."""


@pytest.fixture(scope="session")
def own_servers() -> None:
    """Asked for by what starts servers of its own, or runs commands that do."""


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what `-m` leaves out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not NEEDS_SERVERS & set(getattr(item, "fixturenames", ())) and "nightly" not in item.keywords:
            item.add_marker("quick")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    global _quick_test
    _quick_test = item.nodeid if "quick" in item.keywords else None
    try:
        return (yield)
    finally:
        _quick_test = None


def _refuse_servers(event: str, arguments: tuple[object, ...]) -> None:
    if event == "subprocess.Popen" and _quick_test is not None:
        command = arguments[1] if isinstance(arguments[1], Sequence) else [arguments[0]]
        words = {Path(str(word)).name for word in command}
        if started := _SERVERS & words | _STARTS_THEM & words:
            raise AssertionError(
                f"{_quick_test} starts {min(started)}, and no fixture of it says so: it asks for `own_servers`"
                ' (@pytest.mark.usefixtures("own_servers")), so that `make quick` leaves it out'
            )


sys.addaudithook(_refuse_servers)  # it stays for the process's life, and does nothing between quick tests
