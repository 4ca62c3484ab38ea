"""`weboffice log`: whether the logs are those that were worked on, and going on where they are not."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from ops import logstate, lostnumbers, running
from ops.logstate import Remedy
from ops.lostnumbers import Loss
from ops.settings import Settings
from ops.sources import source
from ops.watching import Watch
from projections.logs.faults import Fault
from projections.replay.adopt import Adopted
from projections.replay.adopt import adopt as adopt_events
from projections.replay.losses import Document, Lost
from schemas.errors import UsageError
from streams.decisions import WentOn, decide, record, wait_until_copied, write

_MOST_NAMED = 20


@click.group()
def log() -> None:
    """A log that was replaced, cut short, or has a hole: what is known of it, and going on."""


@log.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(settings: Settings, as_json: bool) -> None:
    """Show each partition whose log is not the one that was worked on. Exit code 1 where there is one.

    Also the numbers that the live rows have and `events` has not, and those that were acknowledged and `uploads` has
    not, as all are now; tills that keep them send them again by themselves.
    """
    found = _faults(settings)
    lost = lostnumbers.of_events(source(settings), found, settings.partitions) if found else []
    uncopied = _not_copied(settings, found)
    remedies = [logstate.remedy(fault, settings.topics) for fault in found]
    if as_json:
        click.echo(msgspec.json.encode({"faults": remedies, "lost": lost, "not_copied": uncopied}).decode())
    else:
        click.echo("\n".join(_shown(remedies, lost, uncopied)) or "both logs are those that were worked on")
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


def _not_copied(settings: Settings, faults: list[Fault]) -> list[Lost]:
    """What would be lost of `uploads` if work went on now; of a partition of `events` at fault nobody can say yet."""
    services = running.services(settings)
    of_events = {fault.partition for fault in faults if fault.topic == settings.topics.events}
    of_uploads = [
        fault
        for fault in faults
        if fault.topic == settings.topics.uploads and fault.kind != "missing" and fault.partition not in of_events
    ]
    if not of_uploads:
        return []
    decided = asyncio.run(decide(services.kafka, settings.topics, of_uploads, "", datetime.now(UTC)))
    follows = {one.decision.partition: one.decision.source_next for one in decided}
    losses = lostnumbers.of_uploads(services.kafka, services.postgres, settings.topics, follows)
    return [one for loss in losses for one in loss.lost]


def _shown(remedies: list[Remedy], lost: list[Lost], uncopied: list[Lost]) -> list[str]:
    events, uploads = (sum(one.last - one.first + 1 for one in these) for these in (lost, uncopied))
    return [
        *map(str, remedies),
        *([f"{events} events that the live rows have are not in the log:"] if lost else []),
        *map(_numbers, lost),
        *([f"{uploads} events that were acknowledged are neither copied nor in `uploads`:"] if uncopied else []),
        *map(_numbers, uncopied),
    ]


def _numbers(one: Lost) -> str:
    return f"  outlet {one.outlet_id}, run {one.run}: {one.first}–{one.last}"


def _decide(settings: Settings, reason: str, as_json: bool, wanted: Callable[[Fault], bool]) -> None:
    if not reason.strip():
        raise UsageError("a reason is needed: it is kept in the log")
    services = running.services(settings)
    of_uploads = [fault for fault in _faults(settings) if fault.topic == settings.topics.uploads]
    if missing := [fault for fault in of_uploads if fault.kind == "missing"]:
        raise UsageError(str(logstate.remedy(missing[0], settings.topics)))
    faults = [fault for fault in of_uploads if wanted(fault)]
    decided = asyncio.run(decide(services.kafka, settings.topics, faults, reason.strip(), datetime.now(UTC)))
    follows = {one.decision.partition: one.decision.source_next for one in decided}
    losses = lostnumbers.of_uploads(services.kafka, services.postgres, settings.topics, follows)
    lostnumbers.note(services.postgres, losses)  # before the decision: a second call would find nothing to note
    asyncio.run(write(services.kafka, settings.topics, decided))
    if as_json:
        click.echo(msgspec.json.encode({"decided": decided, "holes": losses}).decode())
    else:
        click.echo("\n".join(map(_text, decided)) or "nothing to decide: copying goes on where it was")
        for loss in losses:
            click.echo("\n".join(_loss_text(loss)))


def _loss_text(loss: Loss) -> list[str]:
    named = {one.outlet_id for one in loss.lost}
    others = [outlet for outlet in loss.outlets if outlet not in named]
    more = f" and {len(others) - _MOST_NAMED} more (--json names all)" if len(others) > _MOST_NAMED else ""
    none_known = f"  no loss is known of {', '.join(others[:_MOST_NAMED])}{more}"
    return [
        f"{loss.topic}/{loss.partition}: acknowledged and lost; told as missing until it comes again or is given up:",
        *(map(_numbers, loss.lost) if loss.lost else ["  nothing that is known of"]),
        *([none_known] if others else []),
    ]


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
    lost = map(_numbers, adopted.lost)
    nothing_left = sum(one.last - one.first + 1 for one in adopted.without_content)
    return [
        *map(str, adopted.faults),
        f"generation {adopted.generation} is live, made from the log as it is; generation {adopted.was} stays",
        *(["the log no longer has these numbers; tills that keep them send them again:"] if adopted.lost else []),
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
