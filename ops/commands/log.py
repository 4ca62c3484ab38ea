"""`weboffice log`: whether the logs are those that were worked on, and going on where they are not."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from ops import logstate, running
from ops.settings import Settings
from ops.sources import source
from ops.watching import Watch
from projections.logs.faults import Fault
from projections.replay.adopt import Adopted
from projections.replay.adopt import adopt as adopt_events
from projections.replay.losses import Document, Lost
from schemas.errors import UsageError
from streams.decisions import WentOn, go_on, record, wait_until_copied


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
@click.argument("topic", type=click.Choice(["uploads", "events"]))
@click.option("--reason", required=True, help="Kept in the log.")
@click.option("--export", type=click.Path(path_type=Path), help="`events`: the file for what only the rows hold.")
@click.option("--now", is_flag=True, help="`events`: do not wait until `uploads` is copied.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def adopt(settings: Settings, topic: str, reason: str, export: Path | None, now: bool, as_json: bool) -> None:
    """Go on with a log that was deleted and made again, or that lost its end.

    `uploads`: copying goes on at the beginning of the present topic, or where the end was lost. What the earlier one
    held and was not copied is lost; the tills that still have it send it again once they ask for the state of their
    runs.

    `events`: what `uploads` still holds is copied first. Then the read models are made anew from the log as it is, and
    become the live ones; the documents that only the former ones hold are written to --export (which may not exist
    yet), and the numbers of which nothing is left are named. The former ones stay until `generations drop`.

    Safe to call again.
    """
    if topic == "events":
        if export is None:
            raise UsageError("--export names a file for the documents that the log lost and the live rows still have")
        _adopt_events(settings, reason, export, now, as_json)
        return
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


def _adopt_events(settings: Settings, reason: str, export: Path, now: bool, as_json: bool) -> None:
    if not reason.strip():
        raise UsageError("a reason is needed: it is kept in the log")
    at = source(settings)
    faults = _faults(settings)
    if of_uploads := [fault for fault in faults if fault.topic == settings.topics.uploads]:
        raise UsageError(f"`uploads` first: {logstate.remedy(of_uploads[0], settings.topics)}")
    if faults and not now:
        numbers = sorted(logstate.applied(at.postgres))
        if not asyncio.run(wait_until_copied(at.kafka, settings.topics, numbers)):
            raise UsageError("`uploads` is not being copied: start `anonymise` first, or go on without it by --now")
    with Watch() as watch:
        adopted = adopt_events(at, watch, lambda found, empty: write_export(export, found, empty))
    if adopted is not None:
        asyncio.run(record(at.kafka, settings.topics, adopted.faults, reason.strip(), datetime.now(UTC)))
    if as_json:
        click.echo(msgspec.json.encode({"adopted": adopted}).decode())
    elif adopted is None:
        click.echo("nothing to decide: the log is the one that was worked on")
    else:
        click.echo("\n".join(_events_text(adopted, export)))


def _events_text(adopted: Adopted, export: Path) -> list[str]:
    lost = [f"  run {one.run} of outlet {one.outlet_id}: {one.first}–{one.last}" for one in adopted.lost]
    nothing_left = sum(one.last - one.first + 1 for one in adopted.without_content)
    return [
        *map(str, adopted.faults),
        f"generation {adopted.generation} is live, made from the log as it is; generation {adopted.was} stays",
        *(["the log no longer has these numbers; tills that keep them send them again:"] if lost else []),
        *lost,
        f"{adopted.documents} documents of them are in {export}; of {nothing_left} numbers no content is left",
    ]


def write_export(path: Path, found: list[Document], empty: list[Lost]) -> None:
    """JSON Lines, on disk before the switch. Raises `UsageError` for a file that is there already."""
    try:
        with path.open("xb") as out:
            for document in found:
                out.write(msgspec.json.encode(document) + b"\n")
            for one in empty:
                out.write(msgspec.json.encode({"kind": "lost", **msgspec.to_builtins(one)}) + b"\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError as exc:
        raise UsageError(f"{path} can't be written ({exc.strerror}): name a new file") from exc


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
