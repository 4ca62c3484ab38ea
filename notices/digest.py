"""«Утро владельца»: what a period came to, by outlet, as a message. Pure; `digest_reading.py` reads the figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader
from msgspec import Struct

from notices.alarms import Alarm
from notices.figures import Short
from notices.picture import fortnight
from notices.words import Message, sentence
from webapp import formats
from webapp.account_outlets import Outlet
from webapp.completeness.state import Completeness
from webapp.reports.breakdown import SoldGood
from webapp.reports.off_days import OffDay
from webapp.reports.periods import Window
from webapp.reports.sums import Sums, change
from webapp.translation import N_, translations

Kind = Literal["day", "week", "month"]
LATEST = timedelta(hours=6)
"""What could not be told for so long after its hour is told no more: a morning's digest in the evening is none."""
SHOWN = 5
"""Alarms and goods of an outlet, at most."""

_templates = Environment(
    loader=PackageLoader("notices", "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_TITLES: Mapping[Kind, str] = {"day": N_("Yesterday"), "week": N_("Last week"), "month": N_("Last month")}
_AGAINST: Mapping[Kind, str] = {
    "day": N_("%(change)s against the same weekday a week before (%(before)s)"),
    "week": N_("%(change)s against the week before (%(before)s)"),
    "month": N_("%(change)s against the month before (%(before)s)"),
}


class OutletDigest(Struct, frozen=True):
    """An outlet's period from `first` to `last` with what it is compared with. `odd` are alarms of the period, with
    whether each is over; `short` what runs out, the soonest first (less than nothing is a count that is wrong, and not
    among them); `best` the goods that brought the most; `fortnight` the revenue of each of the
    fourteen days up to the last one."""

    outlet: Outlet
    first: date
    last: date
    sums: Sums
    before: Sums
    whole: Completeness
    off_days: tuple[OffDay, ...] = ()
    odd: tuple[tuple[Alarm, bool], ...] = ()
    short: tuple[Short, ...] = ()
    best: tuple[SoldGood, ...] = ()
    fortnight: tuple[tuple[date, Decimal], ...] = ()

    @property
    def change(self) -> Decimal | None:
        return change(self.sums.revenue, self.before.revenue, self.before.sales)


class Block(Struct, frozen=True):
    """A part of the message: what it is of, its figure, and lines below; `bad` ones are marked."""

    title: str
    figure: str
    lines: list[str]
    bad: list[str]


def due(
    now: datetime, zone: str, hour: int, wanted: Collection[str], told: Collection[tuple[str, date]]
) -> list[tuple[Kind, date]]:
    """Which digests to tell now, and the morning that each is of: every day, on Mondays the week's, on the first of a
    month the month's. `told` are those that were."""
    local = now.astimezone(ZoneInfo(zone))
    at = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if not at <= local < at + LATEST:
        return []
    morning = local.date()
    kinds: dict[Kind, bool] = {"day": True, "week": morning.weekday() == 0, "month": morning.day == 1}
    return [
        (kind, morning) for kind, today in kinds.items() if today and kind in wanted and (kind, morning) not in told
    ]


def windows(kind: Kind, outlet: Outlet, now: datetime) -> tuple[Window, Window]:
    """The outlet's last whole day, week or month, and the one that it is compared with."""
    today = outlet.day(now)
    if kind == "day":
        first = last = today - timedelta(days=1)
        before = (first - timedelta(days=7), last - timedelta(days=7))
    elif kind == "week":
        first = today - timedelta(days=today.weekday() + 7)
        last = first + timedelta(days=6)
        before = (first - timedelta(days=7), first - timedelta(days=1))
    else:
        last = today.replace(day=1) - timedelta(days=1)
        first = last.replace(day=1)
        before = ((first - timedelta(days=1)).replace(day=1), first - timedelta(days=1))
    return Window(outlet.outlet_id, first, last), Window(outlet.outlet_id, *before)


def message(kind: Kind, outlets: Sequence[OutletDigest], locale: str, public_url: str) -> Message:
    """The digest as text and as HTML; both say the same. `outlets` is not empty."""
    _ = translations(locale).gettext
    blocks = [_block(kind, each, locale) for each in outlets]
    first, last = outlets[0].first, outlets[0].last
    when = formats.day(first, locale, "EEEE, d MMMM") if first == last else formats.days(first, last, locale)
    figure, picture = "", b""
    if len({each.outlet.currency for each in outlets}) == 1:
        figure = _figure([each.sums for each in outlets], [each.before for each in outlets], outlets[0].outlet, locale)
        if days := _together(outlets):
            picture = fortnight(days, locale, outlets[0].outlet.currency)
        if len(outlets) > 1:
            blocks.insert(0, Block(_("All outlets"), figure, _ranked(outlets, locale), []))
    title = f"{_(_TITLES[kind])}: {when}"
    address = f"{public_url}/report?from={first}&to={last}"
    said = {
        "title": title,
        "blocks": blocks,
        "address": address,
        "report": _("The report"),
        "choose": _("What you are told of, and when"),
        "choose_address": f"{public_url}/notices",
        "locale": locale,
        "picture": _("Revenue of the fortnight, day by day") if picture else "",
    }
    subject = " · ".join(filter(None, (title, figure)))
    return Message(
        subject,
        _templates.get_template("digest.txt").render(said),
        _templates.get_template("digest.html").render(said),
        picture,
    )


def _together(outlets: Sequence[OutletDigest]) -> list[tuple[date, Decimal]]:
    """The revenue of all outlets by day, where it is of the same days; nothing where there was none."""
    sums: dict[date, Decimal] = {}
    for each in outlets:
        for day, revenue in each.fortnight:
            sums[day] = sums.get(day, Decimal(0)) + revenue
    return sorted(sums.items()) if any(sums.values()) else []


def _figure(now: Sequence[Sums], before: Sequence[Sums], outlet: Outlet, locale: str) -> str:
    """Revenue with its change: «45 300,00 ₽ (+12 %)»."""
    revenue, was = sum((each.revenue for each in now), Decimal(0)), sum((each.revenue for each in before), Decimal(0))
    share = change(revenue, was, sum(each.sales for each in before))
    text = formats.money(revenue, locale, outlet.currency)
    return text if share is None else f"{text} ({formats.percent(share, locale)})"


def _ranked(outlets: Sequence[OutletDigest], locale: str) -> list[str]:
    """Which outlet did best against before, and which worst, where there are two to compare."""
    _ = translations(locale).gettext
    compared = [(share, each.outlet.name) for each in outlets if (share := each.change) is not None]
    if len(compared) < 2:
        return []
    best, worst = max(compared), min(compared)
    return [
        _("Best: %(outlet)s, %(change)s") % {"outlet": best[1], "change": formats.percent(best[0], locale)},
        _("Worst: %(outlet)s, %(change)s") % {"outlet": worst[1], "change": formats.percent(worst[0], locale)},
    ]


def _block(kind: Kind, each: OutletDigest, locale: str) -> Block:
    _ = translations(locale).gettext
    sums, currency = each.sums, each.outlet.currency
    lines = [
        _("Receipts: %(sales)s, average %(average)s")
        % {
            "sales": formats.number(sums.sales, locale),
            "average": "–" if sums.average is None else formats.money(sums.average, locale, currency),
        }
    ]
    if sums.returns:
        lines.append(_("Returns: %(sum)s") % {"sum": formats.money(sums.returns_sum, locale, currency)})
    if each.change is not None:
        before = formats.money(each.before.revenue, locale, currency)
        lines.append(_(_AGAINST[kind]) % {"change": formats.percent(each.change, locale), "before": before})
    if each.best:
        lines.append(_("Brought the most: %(goods)s") % {"goods": ", ".join(good.name for good in each.best)})
    bad, quiet = _truth(each, locale)
    if not bad:
        lines.append(quiet)
    for alarm, over in each.odd[:SHOWN]:
        text = sentence(alarm, each.outlet, locale)
        bad.append(_("%(alarm)s (over)") % {"alarm": text} if over else text)
    if each.short:
        goods = ", ".join(_running_out(short, locale) for short in each.short[:SHOWN])
        lines.append(_("Runs out: %(goods)s") % {"goods": goods})
    return Block(each.outlet.name, _figure([sums], [each.before], each.outlet, locale), lines, bad)


def _truth(each: OutletDigest, locale: str) -> tuple[list[str], str]:
    """What is wrong with the period's figures and is news; and what is to be said of them where nothing is: never that
    every receipt is there where some were left out, however long ago."""
    _ = translations(locale).gettext
    whole, found = each.whole, []
    missing = sum(hole.last - hole.first + 1 for hole in whole.missing)
    counts = {
        N_("Events that have not come: %(count)s"): missing,
        N_("Events set aside: %(count)s"): whole.quarantined,
        N_("Events that were refused: %(count)s"): whole.left_out.refused_events,
    }
    for text, count in counts.items():
        if count:
            found.append(_(text) % {"count": formats.number(count, locale)})
    if whole.behind or whole.still:
        found.append(_("Not all that came is in the figures yet"))
    off = sum((day.over + day.under for day in each.off_days), Decimal(0))
    said = _("Receipts do not add up by %(off)s") % {"off": formats.money(off, locale, each.outlet.currency)}
    if any(day.matters for day in each.off_days):
        found.append(said)
    if whole.whole and whole.through is None:
        return found, _("Nothing has come yet")
    if whole.whole and not each.off_days:
        return found, _("Every receipt is there and adds up")
    return found, said if each.off_days else _("All is there but for events that were left out before")


def _running_out(short: Short, locale: str) -> str:
    _ = translations(locale).gettext
    said = {"good": short.name, "quantity": formats.quantity(short.quantity, locale)}
    return _("%(good)s (%(quantity)s left)") % said
