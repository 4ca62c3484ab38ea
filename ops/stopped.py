"""What a proof of the log can't see: partitions that wait for a decision, of which later events are not in it yet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click

from ops import logstate
from ops.logstate import Remedy
from ops.settings import Settings
from projections.replay.replay import Source
from streams.output_tail import TailUnreadable


def remedies(settings: Settings, source: Source) -> list[Remedy]:
    """Each partition at fault of either log, with the command that goes on. Raises `InfrastructureUnreachable`."""
    try:
        found = asyncio.run(logstate.faults(source.kafka, settings.topics, logstate.applied(source.postgres)))
    except TailUnreadable:  # somebody wrote into `events`: `status` says so, and the proof stands without it
        return []
    return [logstate.remedy(fault, settings.topics) for fault in found]


def tell(found: Sequence[Remedy], what: str) -> None:
    """Says on stderr what the answer does not cover; who asks by exit code alone is told by 1."""
    for remedy in found:
        click.echo(f"weboffice: {what} what stands behind this: {remedy}", err=True)
