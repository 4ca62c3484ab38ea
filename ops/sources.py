"""Where the log and the database are, for the commands that replay."""

from __future__ import annotations

from ops import running
from ops.settings import Settings
from projections.replay.replay import Source


def source(settings: Settings) -> Source:
    """Raises `InfrastructureUnreachable` where nothing runs."""
    services = running.services(settings)
    return Source(services.kafka, settings.topics.events, services.postgres)
