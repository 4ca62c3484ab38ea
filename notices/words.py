"""What is told, in words: the sentences of alarms and the messages made of them, in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from notices.alarms import Alarm
from webapp import formats
from webapp.account_outlets import Outlet
from webapp.notices.kinds import Kind
from webapp.translation import N_, translations

_LINES_MOST = 15
"""Of an outlet in one message; what is more is counted."""

_TOLD: Mapping[Kind, str] = {
    "silent": N_("Till “%(till)s” has been silent since %(since)s, in hours in which it usually sells"),
    "missing": N_("Events of till “%(till)s” have not come: %(events)s"),
    "refused": N_("Events of till “%(till)s” were refused: %(events)s"),
    "clock": N_("The clock of till “%(till)s” is wrong: at %(received_at)s it said %(at)s"),
    "day": N_("%(day)s does not add up: %(off)s, receipts: %(receipts)s"),
    "returns": N_("Returns of %(day)s are %(share)s of what was sold, usually %(usual)s"),
    "discounts": N_("Discounts of %(day)s are %(share)s of what was sold, usually %(usual)s"),
    "voids": N_("Voided receipts of %(day)s are %(share)s of all, usually %(usual)s"),
    "stock": N_("%(good)s: %(quantity)s left, the least stock is %(least)s"),
    "cover": N_("%(good)s: %(quantity)s left, enough for days: %(days)s"),
    "licence": N_("The figures can be seen until %(until)s: the trial or the licence ends"),
}
_OVER: Mapping[Kind, str] = {
    "silent": N_("Till “%(till)s” is heard of again"),
    "missing": N_("All events of till “%(till)s” are here"),
    "refused": N_("No refused events of till “%(till)s” are news any longer"),
    "clock": N_("The clock of till “%(till)s” has been right for a day"),
    "day": N_("%(day)s adds up now"),
    "drawer": N_("The drawer of shift %(shift)s of %(day)s is right now"),
    "stock": N_("%(good)s: there is enough again"),
    "cover": N_("%(good)s: there is enough again"),
    "licence": N_("The trial or the licence was prolonged"),
}


class Message(Struct, frozen=True):
    """`html` says the same as `body`, "" where that is enough; `picture` is a PNG that it shows as `cid:picture`."""

    subject: str
    body: str
    html: str = ""
    picture: bytes = b""


def sentence(alarm: Alarm, outlet: Outlet, locale: str, *, over: bool = False) -> str:
    """What is told of an alarm, or of its end, without a full stop."""
    _ = translations(locale).gettext
    if over:
        text = _OVER[alarm.kind]
    elif alarm.kind == "drawer":
        text = _drawer(Decimal(alarm.facts["difference"]))
    else:
        text = _TOLD[alarm.kind]
    return _(text) % {name: _written(name, value, outlet, locale) for name, value in alarm.facts.items()}


def _drawer(difference: Decimal) -> str:
    if difference < 0:
        return N_("Shift %(shift)s of %(day)s: %(difference)s too little in the drawer")
    return N_("Shift %(shift)s of %(day)s: %(difference)s too much in the drawer")


def _written(name: str, value: str | int, outlet: Outlet, locale: str) -> str:
    """A fact as its reader writes it."""
    text = str(value)
    match name:
        case "since" | "at" | "received_at" | "until":
            return formats.moment(datetime.fromisoformat(text), locale, outlet.zone)
        case "day":
            return formats.day(date.fromisoformat(text), locale, "long")
        case "off" | "difference":
            return formats.money(abs(Decimal(text)), locale, outlet.currency)
        case "share" | "usual":
            return formats.percent(Decimal(text), locale).removeprefix("+")
        case "quantity" | "least":
            return formats.quantity(Decimal(text), locale)
        case "events" | "days" | "receipts":
            return formats.number(int(text), locale)
        case _:
            return text


class News(Struct, frozen=True):
    """What changed at an outlet: alarms that are new, and that are over."""

    outlet: Outlet
    new: Sequence[Alarm]
    over: Sequence[Alarm]


def alarms(news: Sequence[News], locale: str, address: str) -> Message:
    """One message for all of an account's outlets; `address` is where what was told is shown."""
    _ = translations(locale).gettext
    lines = {each.outlet.outlet_id: _lines(each, locale) for each in news}
    blocks = []
    for each in news:
        told = lines[each.outlet.outlet_id]
        shown = [f"• {line}." for line in told[:_LINES_MOST]]
        if len(told) > _LINES_MOST:
            shown.append(_("and %(count)s more") % {"count": formats.number(len(told) - _LINES_MOST, locale)})
        blocks.append("\n".join([each.outlet.name, *shown]))
    every = [line for told in lines.values() for line in told]
    names = ", ".join(each.outlet.name for each in news[:3]) + (", …" if len(news) > 3 else "")
    subject = every[0] if len(every) == 1 else _("notices: %(count)s") % {"count": formats.number(len(every), locale)}
    foot = _("What was told, and what you are told of: %(address)s") % {"address": address}
    return Message(_one_line(f"{names}: {subject}"), "\n\n".join([*blocks, foot]) + "\n")


def _lines(news: News, locale: str) -> list[str]:
    """Each said once: a licence that was prolonged ends two alarms."""
    new = [sentence(alarm, news.outlet, locale) for alarm in news.new]
    return list(dict.fromkeys([*new, *(sentence(alarm, news.outlet, locale, over=True) for alarm in news.over)]))


def _one_line(text: str) -> str:
    """A letter's subject: names that tills gave may hold line breaks."""
    return " ".join(text.split())[:200]
