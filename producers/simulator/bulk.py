"""Very many sales, made quickly from a seed: the workload of the measurements.

Sales have three lines on average (of `goods` goods) and one or two payments; two in a hundred are followed by a return
of one of their lines. They are spread evenly over a year before `END`, over `outlets` outlets, one run each, and come
in uploads of `per_upload` events, mixed as many tills' uploads mix. No names of people in them. Texts are put together
from pieces made beforehand, which is about ten times as quick as encoding each event.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID, uuid5

from msgspec import Raw, Struct

from producers.simulator.catalogue import ean13, money
from schemas.records import Headers, headers
from schemas.upcasting import VERSION

END = date(2026, 1, 1)
ZONE = "Europe/Moscow"
_NAMESPACE = UUID("6f1d8a52-3b1c-4f0e-9d53-2a0c6b7a9f10")
_DAYS = 365
_POOL = 40_000  # lines made beforehand; a sale takes a few neighbours
_RETURNS = 0.02
_SECONDS = range(8 * 3600, 21 * 3600)


class BulkUpload(Struct, frozen=True):
    """One upload: `events` is the JSON array of its `count` events."""

    outlet: str
    till: str
    run: str
    first_seq: int
    count: int
    events: bytes

    def body(self) -> bytes:
        """As a till sends it."""
        return b'{"run":"%b","first_seq":%d,"events":%b}' % (self.run.encode(), self.first_seq, self.events)

    def record(self, received_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> dict[str, Any]:
        """As `schemas.records.UploadRecord`, for `msgspec.json.encode`."""
        return {
            "kind": "upload",
            "outlet": self.outlet,
            "till": self.till,
            "run": self.run,
            "first_seq": self.first_seq,
            "zone": ZONE,
            "received_at": received_at,
            "events": Raw(self.events),
            "v": VERSION,
        }

    def headers(self) -> Headers:
        """The log record's headers."""
        return headers(
            kind="upload",
            outlet=self.outlet,
            till=self.till,
            run=self.run,
            first_seq=self.first_seq,
            count=self.count,
        )


class _Till:
    """One outlet's till: what it has numbered and not yet handed out."""

    def __init__(self, seed: int, number: int) -> None:
        name = f"{seed}/{number}"
        self.outlet = str(uuid5(_NAMESPACE, f"outlet {number}"))
        self.till = str(uuid5(_NAMESPACE, f"till {number}"))
        self.run = str(uuid5(_NAMESPACE, f"run {name}"))
        self.first_seq = 1
        self.events: list[str] = []

    def upload(self) -> BulkUpload:
        events, first = self.events, self.first_seq
        self.events, self.first_seq = [], first + len(events)
        joined = f"[{','.join(events)}]".encode()
        return BulkUpload(self.outlet, self.till, self.run, first, len(events), joined)


def bulk(
    seed: int,
    sales: int,
    outlets: int = 200,
    *,
    goods: int = 5000,
    per_upload: int = 100,
    half_in_one: bool = False,
    saved: bool = False,
) -> Iterator[BulkUpload]:
    """Uploads with `sales` sales. `half_in_one` gives the first outlet half of them; `saved` enters all goods first.

    Outlet and till ids depend on their number alone, runs on the seed too: another seed adds to the same outlets (sales
    are known by their id, so give it other ids by another number of sales or accept that they are replaced).
    """
    random = Random(seed)
    tills = [_Till(seed, number) for number in range(outlets)]
    if saved:
        for till in tills:
            yield from _goods_saved(till, goods, per_upload)
    chance, pool, prefix = random.random, *_pool(goods, random)
    days = [(END - timedelta(days=_DAYS - n)).isoformat() for n in range(_DAYS)]
    clock = [f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}+03:00" for s in _SECONDS]
    spread, moments = _POOL - 6, len(clock)
    for number in range(sales):
        till = tills[0] if half_in_one and chance() < 0.5 else tills[int(chance() * outlets)]
        at = days[number * _DAYS // sales] + clock[int(chance() * moments)]
        first = int(chance() * spread)
        last = first + 1 + int(chance() * 5)
        total = prefix[last] - prefix[first]
        lines = ",".join([line for line, _, _ in pool[first:last]])
        payments, change = _payments(total, chance())
        events = till.events
        events.append(
            f'{{"type":"sale.registered","at":"{at}","sale_id":"s{number}","number":"{number}","lines":[{lines}],'
            f'"payments":[{payments}],"change":"{change}"}}'
        )
        if chance() < _RETURNS:
            _, good_id, net = pool[first]
            amount = f"{net // 100}.{net % 100:02d}"
            events.append(
                f'{{"type":"sale.returned","at":"{at}","return_id":"r{number}","sale_id":"s{number}","lines":[{{'
                f'"good_id":"{good_id}","quantity":"1","amount":"{amount}"}}],'
                f'"refunds":[{{"method":"card","amount":"{amount}"}}]}}'
            )
        while len(events) >= per_upload:
            rest = events[per_upload:]
            till.events = events[:per_upload]
            yield till.upload()
            till.events = events = rest
    for till in tills:
        if till.events:
            yield till.upload()


def _payments(total: int, chance: float) -> tuple[str, str]:
    """By card, by cash with change, or by both; `total` in kopecks."""
    if chance < 0.4:
        return f'{{"method":"card","amount":"{total // 100}.{total % 100:02d}"}}', "0"
    if chance < 0.55:
        half = total // 2
        rest = total - half
        return (
            f'{{"method":"sbp","amount":"{half // 100}.{half % 100:02d}"}},'
            f'{{"method":"cash","amount":"{rest // 100}.{rest % 100:02d}"}}'
        ), "0"
    given = -(-total // 50000) * 50000
    back = given - total
    return f'{{"method":"cash","amount":"{given // 100}.00"}}', f"{back // 100}.{back % 100:02d}"


def _pool(goods: int, random: Random) -> tuple[list[tuple[str, str, int]], list[int]]:
    """Lines as text with their good and net sum, some goods more often than others; and the running sum of the nets."""
    prices = [random.randint(1000, 500_000) for _ in range(goods)]
    pool = []
    for _ in range(_POOL):
        good = int(goods * random.random() ** 1.5)
        pieces = random.choice([1, 1, 1, 2, 3])
        full = prices[good] * pieces
        discount = full // 10 if random.random() < 0.1 else 0
        line = (
            f'{{"good_id":"g{good}","name":"Товар {good}","quantity":"{pieces}","price":"{money(prices[good])}",'
            f'"discount":"{money(discount)}"}}'
        )
        pool.append((line, f"g{good}", (full - discount) // pieces))
    nets = [_net(line) for line, _, _ in pool]
    return pool, list(accumulate(nets, initial=0))


def _net(line: str) -> int:
    """What a line of the pool costs in kopecks; read back from its text, so that the two can't differ."""
    texts = dict(piece.split('":"') for piece in line.strip('{}"').split('","'))
    price, discount = (int(texts[name].replace(".", "")) for name in ("price", "discount"))
    return price * int(texts["quantity"]) - discount


def _goods_saved(till: _Till, goods: int, per_upload: int) -> Iterator[BulkUpload]:
    for number in range(goods):
        till.events.append(
            f'{{"type":"good.saved","at":"{END - timedelta(days=_DAYS + 1)}T08:00:00+03:00","good_id":"g{number}",'
            f'"name":"Товар {number}","category":"Раздел {number % 40}","max_price":"{number % 5000 + 10}.00",'
            f'"barcode":"{ean13(f"460{number:09d}")}"}}'
        )
        if len(till.events) == per_upload:
            yield till.upload()
