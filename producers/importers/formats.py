"""The formats, each a module: its name, what files it takes, how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from producers.importers import commerceml, events, gbs_market, goods, loyverse, receipts, square
from producers.importers.documents import Item
from producers.importers.files import Content
from producers.importers.sources import Context, Source
from producers.importers.stage import Compose

Read = Callable[[Source, Context], Iterator[Item]]


class Format(Struct, frozen=True):
    """`read` yields documents, fragments, bad rows and notes; `compose` makes documents of fragments.

    One with `needs_zone` has times by the shop's clock, or days to add up. One that `polls` asks an address.
    """

    name: str
    about: str
    takes: frozenset[Content]
    read: Read
    compose: Callable[[Context], Compose] | None = None
    needs_zone: bool = True
    polls: bool = False


FORMATS: tuple[Format, ...] = (
    Format("commerceml", "1С: import.xml and offers.xml, or a zip of them", commerceml.TAKES, commerceml.read),
    Format("events", "our own events: JSON Lines, also .gz", events.TAKES, events.read),
    Format("gbs-market", "a till of GBS.Market: its JSON API", frozenset(), gbs_market.read, polls=True),
    Format("goods", "goods, prices and stock: CSV or XLSX", goods.TAKES, goods.read, needs_zone=False),
    Format("loyverse", "Loyverse's exports of receipts", loyverse.TAKES, loyverse.read, loyverse.compose),
    Format("receipts", "fiscal receipts as JSON, of «Проверка чека» and ОФД cabinets", receipts.TAKES, receipts.read),
    Format("square", "Square's «Items Detail» export", square.TAKES, square.read, square.compose),
)


def of_name(name: str) -> Format:
    """Raises `KeyError`."""
    return {known.name: known for known in FORMATS}[name]
