"""The plain sales of a chunk: which of its events are.

Plain is a sale that is new, stands by itself and is what its columns say: nothing in the chunk or before it is about
the same document or its fiscal numbers, none of its goods is saved or counted in the chunk, and no return in it asks
for the sale. All else is folded row by row, in the order of the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
from msgspec.structs import replace

from projections.columns import derived, frames
from projections.columns.frames import INDEX, Frames
from projections.columns.raws import RawUpload, decoded
from projections.kinds.fold import ELSEWHERE
from projections.kinds.pieces import Piece
from projections.kinds.provenance import FIRST_SOUND
from projections.kinds.table import Key
from projections.models.sales import SALES
from projections.store.bloom import Bloom
from projections.store.live import of_numbers
from schemas.events import GoodSaved, SaleRegistered, SaleReturned, SaleVoided, StockCounted
from schemas.records import ContactForgotten, UploadRecord


class Chunk:
    """Pieces whose events are texts, told apart: `plain` are the sales to be folded in columns, `left` all others.

    Raises `RecordUnreadable` or `polars.exceptions.PolarsError` where an event can't be read.
    """

    def __init__(self, pieces: Sequence[Piece], seen: Bloom) -> None:
        self.pieces = pieces
        self.left: dict[int, dict[int, Any]] = {number: {} for number in range(len(pieces))}
        """Piece → position in it → event."""
        places, texts = self._tell_apart()
        self._places = pl.DataFrame(
            places, schema={"piece": pl.Int64, "position": pl.Int64}, orient="row"
        ).with_row_index(INDEX)
        self.plain: Frames | None = None
        if texts:
            sound = self._sound(self._with_uploads(frames.of_texts(texts)))
            self._leave_others(self._places, sound)  # what else is about a sale may be among them
            self.plain = self._chosen(sound, seen)
            self._leave_others(sound.sales, self.plain)

    @property
    def uploads(self) -> list[UploadRecord]:
        """What is left of each piece."""
        return [
            replace(piece.upload, events=list(self.left[number].values())) for number, piece in enumerate(self.pieces)
        ]

    def upload(self, number: int) -> UploadRecord:
        """A piece with all of its events, plain sales as `ELSEWHERE`."""
        upload, left = self.pieces[number].upload, self.left[number]
        return replace(upload, events=[left.get(position, ELSEWHERE) for position in range(len(upload.events))])

    def turns(self, taken: Sequence[Piece | ContactForgotten]) -> list[Piece | ContactForgotten]:
        """The chunk to be folded row by row."""
        of_texts = {id(piece): number for number, piece in enumerate(self.pieces)}
        return [
            replace(turn, upload=self.upload(of_texts[id(turn)])) if id(turn) in of_texts else turn for turn in taken
        ]

    def _events(self) -> Iterator[tuple[UploadRecord, Any]]:
        for number, events in self.left.items():
            for event in events.values():
                yield self.pieces[number].upload, event

    def _tell_apart(self) -> tuple[list[tuple[int, int]], list[bytes]]:
        """The texts that are sales, and where they stand.

        The first event of an outlet that counts is left: it opens the totals, where it is the first of all.
        """
        places, texts, left = [], [], []
        outlets: set[str] = set()
        for number, piece in enumerate(self.pieces):
            upload = piece.upload
            for position, event in enumerate(upload.events):
                text = bytes(event)  # type: ignore[call-overload]  # a text, see `RawUpload`
                if text.startswith(frames.BEGINS) and upload.outlet in outlets:
                    places.append((number, position))
                    texts.append(text)
                else:
                    left.append((number, position))
                    if not text.startswith(frames.WITHDRAWN):
                        outlets.add(upload.outlet)
        self._leave(left)
        return places, texts

    def _leave_others(self, places: pl.DataFrame, kept: Frames) -> None:
        """Decodes the sales of `places` that are not among those kept."""
        others = places.filter(~pl.col(INDEX).is_in(kept.sales[INDEX].implode()))
        self._leave(list(others.select("piece", "position").iter_rows()))

    def _leave(self, places: Sequence[tuple[int, int]]) -> None:
        """Decodes the events that stand there."""
        positions: dict[int, list[int]] = {}
        for number, position in places:
            positions.setdefault(number, []).append(position)
        for number, of_piece in positions.items():
            upload = self.pieces[number].upload
            assert isinstance(upload, RawUpload)
            events = self.left[number] | dict(zip(of_piece, decoded(upload, of_piece), strict=True))
            self.left[number] = dict(sorted(events.items()))

    def _with_uploads(self, found: Frames) -> Frames:
        """Beside each sale what its record says, and when it happened in UTC and by its outlet's clock."""
        uploads = [piece.upload for piece in self.pieces]
        of_pieces = pl.DataFrame(
            {
                "piece": range(len(uploads)),
                "outlet_id": [upload.outlet for upload in uploads],
                "till_id": [upload.till for upload in uploads],
                "run": [upload.run for upload in uploads],
                "zone": [upload.zone for upload in uploads],
                "day_begins": [upload.day_begins for upload in uploads],
                "first_seq": [upload.first_seq for upload in uploads],
                "arrived": [upload.received_at for upload in uploads],
                "received_at": [upload.received_at.isoformat() for upload in uploads],
                "imported": [bool(upload.imported) for upload in uploads],
                "log_offset": [piece.log_offset for piece in self.pieces],
                "log_time": [piece.log_time.isoformat() for piece in self.pieces],
            },
            schema_overrides={"piece": pl.Int64, "arrived": pl.Datetime("us", "UTC")},
        )
        sales = found.sales.join(self._places, on=INDEX, how="left", maintain_order="left")
        sales = sales.join(of_pieces, on="piece", how="left", maintain_order="left")
        sales = sales.with_columns(moment=derived.moments(sales["at"]), seq=pl.col("first_seq") + pl.col("position"))
        return Frames(derived.with_local_times(sales), found.lines, found.payments)

    def _sound(self, found: Frames) -> Frames:
        """Those of the sales whose clock was right, on a day of one length."""
        return found.only(
            found.sales.filter(
                pl.col("day").is_not_null(), pl.col("moment") <= pl.col("arrived"), pl.col("moment") >= FIRST_SOUND
            )
        )

    def _chosen(self, found: Frames, seen: Bloom) -> Frames:
        """Those of the sales that nothing else is about."""
        sales = found.sales
        alone, again = self._alone(sales, seen)
        touched = [*self._touched_goods(seen), *_goods(found, sales.filter(again))]
        sales = sales.filter(alone)
        if touched:
            goods = pl.DataFrame(touched, schema={"outlet_id": pl.String, "good_id": pl.String}, orient="row").unique()
            lines = found.lines.join(sales.select(INDEX, "outlet_id"), on=INDEX).join(goods, on=goods.columns)
            sales = sales.filter(~pl.col(INDEX).is_in(lines[INDEX].implode()))
        return found.only(sales)

    def _alone(self, sales: pl.DataFrame, seen: Bloom) -> tuple[pl.Series, pl.Series]:
        """Of each sale, whether nothing else is about it, and whether its document may have come before."""
        keys = list(zip(sales["outlet_id"], sales["sale_id"], sales["till_id"], strict=True))
        numbers = list(zip(sales["outlet_id"], sales["fn"], sales["fd"], strict=True))
        times: Counter[Key] = Counter(keys)
        times_said: Counter[Key] = Counter(numbers)
        asked: set[Key] = set()
        for upload, event in self._events():
            match event:
                case SaleRegistered() | SaleVoided():
                    times[upload.outlet, event.sale_id, upload.till] += 1
                    if isinstance(event, SaleRegistered) and event.fiscal is not None:
                        times_said[upload.outlet, event.fiscal.fn, event.fiscal.fd] += 1
                case SaleReturned():
                    asked.add((upload.outlet, event.sale_id or ""))
        before = seen.add(SALES.name, keys)
        of_others = seen.add(of_numbers(SALES.name), [each for each in numbers if each[2] is not None])
        again = [times[key] > 1 or key in before for key in keys]
        alone = [
            not known
            and key[:2] not in asked
            and (each[2] is None or (times_said[each] == 1 and each not in of_others))
            for known, key, each in zip(again, keys, numbers, strict=True)
        ]
        return pl.Series(alone, dtype=pl.Boolean), pl.Series(again, dtype=pl.Boolean)

    def _touched_goods(self, seen: Bloom) -> Iterator[tuple[str, str]]:
        """(outlet, good) of what goes by the order of the log: stock that is counted, costs that are saved, and names
        in sales that may have come before, of which one that was voided names nothing."""
        voided = {(upload.outlet, event.sale_id) for upload, event in self._events() if isinstance(event, SaleVoided)}
        for upload, event in self._events():
            match event:
                case StockCounted() | GoodSaved():
                    yield upload.outlet, event.good_id
                case SaleRegistered():
                    key = upload.outlet, event.sale_id, upload.till
                    if key[:2] in voided or seen.may_hold(SALES.name, key):
                        for line in event.lines:
                            yield upload.outlet, line.good_id


def _goods(found: Frames, sales: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """(outlet, good) of sales."""
    lines = found.lines.select(INDEX, "good_id").join(sales.select(INDEX, "outlet_id"), on=INDEX)
    yield from lines.select("outlet_id", "good_id").iter_rows()
