"""`weboffice import`: what a shop already has, through the till client; safe to kill and to repeat."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from msgspec import Struct

from ops import garbage, running
from ops import importing as beside
from ops.imported import Progress, show, tell
from ops.settings import Settings
from producers.gateway import words as gateway_words
from producers.importers import importing, questions
from producers.importers.documents import Shop
from producers.importers.formats import FORMATS, of_name
from producers.importers.importing import Job
from producers.importers.known import Known
from producers.importers.owner import Owner
from producers.importers.questions import Answers, Question
from producers.importers.refusals import SourceRefused
from producers.importers.sending import Spool
from producers.till.upload import READABLE, TOKEN, read_token, spool_folder
from schemas.errors import InfrastructureUnreachable, UsageError
from schemas.zones import zone_names

OWNER_TOKEN = "WEBOFFICE_OWNER_TOKEN"


class _Way(Struct, frozen=True):
    """Where the events go: the spool, and what is known of the outlet."""

    spool: Spool
    owner: Owner | None
    outlet_id: str | None
    shop: Shop | None


@click.command("import")
@click.argument("format_name", metavar="FORMAT", type=click.Choice([known.name for known in FORMATS]))
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…")
@click.option("--outlet", metavar="O", help="Whose data it is, by id or name.")
@click.option("--url", help="Address of the service; by default the one that runs in WEBOFFICE_HOME.")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The till's token; else WEBOFFICE_TOKEN.",
)
@click.option("--token", help="The same in the open: others on this machine can read it.")
@click.option("--dry-run", is_flag=True, help="Read and show everything, send nothing.")
@click.option("--map", "map_file", type=click.Path(dir_okay=False, path_type=Path), help="Keeps answers, as JSON.")
@click.option("--zone", help="The shop's time zone, where the service does not say it.")
@click.option(
    "--at", "counted_at", metavar="TIME", help="When stock was counted, with an offset; else the first import."
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="gbs-market: from which day on. [default: 30 days]")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Where the bad rows go, as CSV.")
@click.option("--language", type=click.Choice(["ru", "en"]), default="en", show_default=True, help="Of the reasons.")
@click.option("--give-up-after", default=60.0, show_default=True, help="Seconds without progress; 0: never.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_(
    settings: Settings,
    format_name: str,
    sources: Sequence[str],
    outlet: str | None,
    url: str | None,
    token_file: Path | None,
    token: str | None,
    dry_run: bool,
    map_file: Path | None,
    zone: str | None,
    counted_at: str | None,
    since: datetime | None,
    errors: Path | None,
    language: str,
    give_up_after: float,
    as_json: bool,
) -> None:
    """Bring in what a shop already has: FORMAT says what the SOURCEs are.

    Says first what it would do, sends only what is new, and compares the service's figures with the file's own. Run
    again, it changes nothing. Beside a service in the same WEBOFFICE_HOME, --outlet is enough; elsewhere it takes
    --url and the till's token, and WEBOFFICE_OWNER_TOKEN for the comparison. Exit code 1 where rows could not be read
    (they are listed as CSV) or where figures differ.
    """
    form = of_name(format_name)
    if form.polls and len(sources) > 1:
        raise UsageError(f"{format_name} takes one address")
    paths = [] if form.polls else [Path(source) for source in sources]
    for path in paths:
        if not path.is_file():
            raise UsageError(f"there is no file {path.name}")
    if token:
        click.echo(READABLE, err=True)
    english = language == "en"
    garbage.collect_seldom()
    given = token or (read_token(token_file, os.environ) if token_file or os.environ.get(TOKEN) else None)
    with _way(settings, format_name, given, url, outlet, give_up_after or None) as way:
        answers, remembered = _answers(map_file, way.spool.folder, format_name)
        while True:
            try:
                job = Job(
                    format=form,
                    paths=paths,
                    address=sources[0] if form.polls else "",
                    since=since.date() if since else None,
                    shop=_shop(zone, answers, way, form.needs_zone),
                    answers=answers,
                    say=partial(gateway_words.of_fault, in_english=english),
                    known_in=way.spool.folder if remembered or not dry_run else None,
                    spool=None if dry_run else way.spool,
                    owner=way.owner,
                    outlet_id=way.outlet_id,
                    counted_at=_moment(counted_at),
                )
                outcome = importing.run(job, partial(show, english=english), Progress())
                break
            except SourceRefused as refused:
                raise UsageError(refused.told(english)) from refused
            except Question as question:
                _ask(question, answers, map_file)
        if not dry_run and answers.values:
            with Known(way.spool.folder) as known:
                known.keep_answers(format_name, answers.values)
    tell(outcome, as_json, errors, english)
    if not outcome.clean:
        click.get_current_context().exit(1)


@contextmanager
def _way(
    settings: Settings, format_name: str, token: str | None, url: str | None, outlet: str | None, patience: float | None
) -> Iterator[_Way]:
    address = url or running.address(settings.home)
    if not address:
        raise InfrastructureUnreachable(f"nothing runs in {settings.home}: start `weboffice up`, or give --url")
    stamps, spools = settings.home / "spool-stamps", settings.home / "spools"
    if token is not None:
        owner_token = os.environ.get(OWNER_TOKEN, "").strip()
        owner = Owner(address, owner_token) if owner_token else None
        found = owner.outlet(outlet) if owner else None
        if owner and outlet and found is None:
            raise UsageError(f"the account of {OWNER_TOKEN} has no outlet {outlet}")
        yield _Way(
            Spool(address, token, spool_folder(settings.home, address, token), stamps, patience),
            owner,
            found["outlet_id"] if found else None,
            None,
        )
        return
    if url:
        raise UsageError(f"the till's token is missing: set {TOKEN}, or give --token-file FILE")
    postgres = running.services(settings).postgres
    with beside.access(postgres, outlet, format_name) as access:
        folder = spools / f"import-{access.till_id}"
        spool = Spool(address, access.till_token, folder, stamps, patience)
        shop = Shop(ZoneInfo(access.outlet.zone), access.outlet.day_begins)
        yield _Way(spool, Owner(address, access.owner_token), str(access.outlet.outlet_id), shop)


def _answers(map_file: Path | None, spool: Path, format_name: str) -> tuple[Answers, bool]:
    """The answers of the map, and those that were given before for this till; whether there was anything before."""
    there = (spool / "imports.db").exists()
    before = {}
    if there:
        with Known(spool) as known:
            before = known.answers(format_name)
    given = questions.read(map_file) if map_file else Answers()
    return Answers(before | given.values), there


def _shop(option: str | None, answers: Answers, way: _Way, needed: bool) -> Shop:
    """The outlet's zone and the hour at which its days begin: as they are said here, else as the service has them."""
    name = option or answers.get("zone")
    shop = way.shop or (_shop_of_till(way.spool, asked=not name) if needed else Shop(ZoneInfo("UTC")))
    if not name and shop is None:
        raise Question("zone", "In which time zone is the shop?", ["Europe/Moscow"])
    if name and name not in zone_names():
        raise UsageError(f"no such time zone: {name}")
    return Shop(ZoneInfo(name), shop.day_begins if shop else 0) if name else shop or Shop(ZoneInfo("UTC"))


def _shop_of_till(spool: Spool, *, asked: bool) -> Shop | None:
    """As the service says it to the till; None where it is one that does not say it yet, or is not `asked` for it."""
    with spool.client() as client:
        state = client.state()
    if state is None and asked:
        raise InfrastructureUnreachable("the service does not answer; --zone says the shop's time zone without it")
    if not state or not state.get("zone"):
        return None
    return Shop(ZoneInfo(state["zone"]), state.get("day_begins", 0))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(f"--at {text} is no moment; it looks like 2026-03-01T09:00:00+03:00") from exc
    if moment.tzinfo is None:
        raise UsageError(f"--at {text} lacks its offset, such as +03:00")
    return moment


def _ask(question: Question, answers: Answers, map_file: Path | None) -> None:
    """Asks on a terminal; elsewhere the question is an error that says how to answer it."""
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        raise question
    kind = click.Choice(list(question.choices)) if question.choices and question.key != "zone" else None
    answers.put(question.key, click.prompt(question.text, type=kind, err=True))
    if map_file:
        questions.write(map_file, answers)
