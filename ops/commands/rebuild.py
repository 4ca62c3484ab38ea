"""`weboffice rebuild`: replay the log into new read models, prove them, switch."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import msgspec

from ops import differences
from ops.settings import Settings
from ops.sources import source
from ops.watching import Watch
from projections.generations.register import live_is_outdated
from projections.replay.catchup import session
from projections.replay.rebuild import Outcome, Wish, check
from projections.replay.rebuild import rebuild as run
from schemas.errors import UsageError


@click.command()
@click.option("--until", metavar="TIME", help="As the log stood then (RFC 3339 with offset); needs --name.")
@click.option("--name", help="Keep the report under this name, beside the live one.")
@click.option("--no-switch", is_flag=True, help="Leave the new generation ready; `generations switch` makes it live.")
@click.option("--accept", is_flag=True, help="Switch although rows differ (a changed fold, a damaged live row).")
@click.option("--if-outdated", is_flag=True, help="Only where the live reports lack what this version shows.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def rebuild(
    settings: Settings,
    until: str | None,
    name: str | None,
    no_switch: bool,
    accept: bool,
    if_outdated: bool,
    as_json: bool,
) -> None:
    """Replay the log into a new generation of the read models, beside the live one.

    It is compared with the live one row by row at the same offsets, and becomes the live one if nothing differs; with
    --accept also if something does. Exit code 1 where rows differ and were not accepted. Killed, it goes on where it
    was when it is called again.
    """
    wish = Wish(_moment(until), name, switch=not no_switch, accept=accept)
    check(wish, datetime.now(UTC))  # before Kafka and PostgreSQL are looked for
    if if_outdated:
        with session(source(settings).postgres) as connection:
            if live_is_outdated(connection) is None:
                click.echo("{}" if as_json else "the live reports are of this version")
                return
    with Watch() as watch:
        outcome = run(source(settings), wish, watch)
    click.echo(msgspec.json.encode(_document(outcome, watch)).decode() if as_json else _text(outcome, watch))
    if not outcome.comparison.same and outcome.state != "live":
        raise click.exceptions.Exit(1)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(f"--until: {text!r} is not a time like 2026-03-01T09:00:00+03:00") from exc
    if moment.tzinfo is None:
        raise UsageError("--until needs an offset, like 2026-03-01T09:00:00+03:00")
    return moment


def _document(outcome: Outcome, watch: Watch) -> dict[str, object]:
    return {
        **msgspec.to_builtins(outcome, str_keys=True),
        "same": outcome.comparison.same,
        "events": watch.events,
        "seconds": round(watch.seconds, 3),
        "peak_mb": watch.peak_mb,
    }


def _text(outcome: Outcome, watch: Watch) -> str:
    lines = differences.as_text(outcome.comparison)
    rate = watch.events / max(watch.seconds, 0.001)
    lines.append(
        f"{watch.events:,} events folded in {watch.seconds:.1f} s ({rate:,.0f}/s), {watch.peak_mb:.0f} MB at most"
    )
    match outcome.state:
        case "live":
            lines.append(f"generation {outcome.generation} is live")
        case "named":
            lines.append(f"generation {outcome.generation} is kept")
        case _ if outcome.comparison.same:
            lines.append(f"generation {outcome.generation} is ready: weboffice generations switch {outcome.generation}")
        case _ if outcome.fold_version != outcome.live_fold_version:
            lines.append(
                f"generation {outcome.generation} was folded by version {outcome.fold_version}, the live one by"
                f" {outcome.live_fold_version}: if that is what should change, run weboffice rebuild --accept"
            )
        case _:
            lines.append(
                f"the same fold gives other rows: the live ones were damaged, see docs/operations.md;"
                f" weboffice rebuild --accept puts generation {outcome.generation} in their place"
            )
    return "\n".join(lines)
