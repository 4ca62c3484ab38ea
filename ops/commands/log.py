"""`weboffice log`: whether the logs are those that were worked on, and going on where they are not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import click
import msgspec

from ops import logstate, running
from ops.settings import Settings
from projections.logs.faults import Fault
from schemas.errors import UsageError
from streams.decisions import WentOn, go_on


@click.group()
def log() -> None:
    """A log that was replaced, cut short, or has a hole: what is known of it, and going on."""


@log.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(settings: Settings, as_json: bool) -> None:
    """Show each partition whose log is not the one that was worked on. Exit code 1 where there is one."""
    found = _faults(settings)
    remedies = [logstate.remedy(fault, settings.topics) for fault in found]
    if as_json:
        click.echo(msgspec.json.encode({"faults": remedies}).decode())
    else:
        click.echo("\n".join(map(str, remedies)) or "both logs are those that were worked on")
    if found:
        raise click.exceptions.Exit(1)


@log.command()
@click.argument("topic", type=click.Choice(["uploads"]))
@click.option("--reason", required=True, help="Kept in the log.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def adopt(settings: Settings, topic: str, reason: str, as_json: bool) -> None:
    """Go on with a log that was deleted and made again, or that lost its end.

    `uploads`: copying goes on at the beginning of the present topic, or where the end was lost. What the earlier one
    held and was not copied is lost; the tills that still have it send it again once they ask for the state of their
    runs. Safe to call again.
    """
    _decide(settings, reason, as_json, lambda fault: fault.kind in ("replaced", "shorter", "rewritten"))


@log.command("pass-hole")
@click.option("--partition", type=click.IntRange(min=0), help="Only this one.")
@click.option("--reason", required=True, help="Kept in the log.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def pass_hole(settings: Settings, partition: int | None, reason: str, as_json: bool) -> None:
    """Go on past records of `uploads` that were deleted before they were copied: they are lost here.

    The tills that still have them send them again once they ask for the state of their runs. Safe to call again.
    """
    wanted = lambda fault: fault.kind == "hole" and partition in (None, fault.partition)  # noqa: E731
    _decide(settings, reason, as_json, wanted)


def _decide(settings: Settings, reason: str, as_json: bool, wanted: Callable[[Fault], bool]) -> None:
    if not reason.strip():
        raise UsageError("a reason is needed: it is kept in the log")
    services = running.services(settings)
    of_uploads = [fault for fault in _faults(settings) if fault.topic == settings.topics.uploads]
    if missing := [fault for fault in of_uploads if fault.kind == "missing"]:
        raise UsageError(str(logstate.remedy(missing[0], settings.topics)))
    faults = [fault for fault in of_uploads if wanted(fault)]
    decided = asyncio.run(go_on(services.kafka, settings.topics, faults, reason.strip(), datetime.now(UTC)))
    if as_json:
        click.echo(msgspec.json.encode({"decided": decided}).decode())
    else:
        click.echo("\n".join(map(_text, decided)) or "nothing to decide: copying goes on where it was")


def _text(one: WentOn) -> str:
    decision = one.decision
    lost = {
        "replaced": "what the earlier topic held after that is lost here",
        "hole": f"{decision.start - decision.was_next} records after that are lost here",
    }.get(decision.fault, "what was appended after that, and is not there any more, is lost here")
    since = f"copied up to {one.copied_at:%Y-%m-%d %H:%M:%S} UTC" if one.copied_at else "nothing was copied before"
    left = f" (appended {one.first_left_at:%Y-%m-%d %H:%M:%S} UTC)" if one.first_left_at else ""
    return f"{decision.topic}/{decision.partition}: {since}; {lost}; goes on at {decision.source_next}{left}"


def _faults(settings: Settings) -> list[Fault]:
    services = running.services(settings)
    return asyncio.run(logstate.faults(services.kafka, settings.topics, logstate.applied(services.postgres)))
