"""One running service for what is brought into it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import fresh_database, fresh_settings
from tests.infrastructure import Servers
from tests.service import Service, running


@pytest.fixture(scope="package")
def service(servers: Servers, template: str) -> Iterator[Service]:
    """`weboffice up` for the whole folder: each test brings outlets of its own."""
    with (
        fresh_database(servers, template) as postgres,
        fresh_settings(servers.kafka, postgres) as settings,
        running(settings) as found,
    ):
        yield found
