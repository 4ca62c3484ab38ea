"""A till that uploads beside an import."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from producers.till.client import TillClient
from tests.service import Service


def upload(service: Service, token: str, events: Sequence[dict[str, Any]]) -> None:
    """Sends events as a till, and returns when they are in the figures."""
    with tempfile.TemporaryDirectory() as folder, TillClient(service.url, token, Path(folder) / "spool") as till:
        till.append(list(events))
        till.send()
    service.wait_until_worked_off()
