"""What the tests of the engine share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.projections.world import World


@pytest.fixture
def world(postgres: str) -> Iterator[World]:
    """A fresh database with an engine on it."""
    world = World(postgres)
    yield world
    world.close()
