"""The logs: whether they are those that were worked on, or were replaced, cut short or have a hole."""

from __future__ import annotations

import asyncio

import psycopg

from ops import logstate
from ops.checks import Finding
from ops.settings import Settings
from schemas.errors import InfrastructureUnreachable


def check(kafka: str, postgres: str, settings: Settings) -> list[Finding]:
    """A finding for each partition at fault, one alone where there is none; nothing where a server does not answer."""
    try:
        positions = logstate.applied(postgres)
        faults = asyncio.run(logstate.faults(kafka, settings.topics, positions))
    except (psycopg.Error, InfrastructureUnreachable):
        return []  # the checks of Kafka and PostgreSQL say why
    if not faults:
        return [Finding("logs", "those that were worked on")]
    remedies = [logstate.remedy(fault, settings.topics) for fault in faults]
    return [Finding(f"log {one.fault.place}", str(one.fault), one.command) for one in remedies]
