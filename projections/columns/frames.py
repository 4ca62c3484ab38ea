"""The text of sales as frames: one row a sale, one a line, one a payment; and which sales are just what those say.

A sale is plain where the text that its columns make, in the order and form in which the log is written, is the very
text of the event. So nothing that is unknown, missing or of another type can slip through: it goes row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import polars as pl
from msgspec import Struct

from schemas.events import LineKind
from schemas.events.payments import Method
from schemas.texts import ID_LENGTH

BEGINS = b'{"type":"sale.registered",'
"""How the text of each sale begins."""
WITHDRAWN = b'{"type":"event.withdrawn",'
"""How the text of each event begins that was withdrawn."""
_TAX = {"rate": pl.String, "amount": pl.String, "on_top": pl.Boolean}
_FISCAL = {"fn": pl.String, "fd": pl.String, "fp": pl.String, "tax_system": pl.String}
_LINE: dict[str, Any] = {
    "good_id": pl.String,
    "name": pl.String,
    "quantity": pl.String,
    "price": pl.String,
    "discount": pl.String,
    "warehouse_id": pl.String,
    "sum": pl.String,
    "cost": pl.String,
    "unit": pl.String,
    "kind": pl.String,
    "tax": pl.Struct(_TAX),
}
_PAYMENT = {"method": pl.String, "amount": pl.String}
_SALE: dict[str, Any] = {
    "at": pl.String,
    "sale_id": pl.String,
    "number": pl.String,
    "lines": pl.List(pl.Struct(_LINE)),
    "payments": pl.List(pl.Struct(_PAYMENT)),
    "change": pl.String,
    "contact_id": pl.String,
    "cashier": pl.String,
    "cashier_id": pl.String,
    "shift_id": pl.String,
    "rounding": pl.String,
    "fiscal": pl.Struct(_FISCAL),
    "correction": pl.Boolean,
}
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-5]):[0-9]{2})$"
_AMOUNT = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$"
_MONEY = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"
_SIGNED = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"
_LONG = 100
"""Bytes of a text that are no more than what any field takes in characters."""
assert _LONG <= ID_LENGTH

INDEX = "index"
"""Which sale a line or payment is of."""


class Frames(Struct, frozen=True):
    """`sales` by `index`, with their `lines` and `payments` in order; all amounts are texts as they were sent.

    A line has `document`, its own text without the last brace. Absent fields are null.
    """

    sales: pl.DataFrame
    lines: pl.DataFrame
    payments: pl.DataFrame

    def only(self, sales: pl.DataFrame) -> Frames:
        """These sales, with what belongs to them."""
        which = sales[INDEX].implode()
        return Frames(sales, *(each.filter(pl.col(INDEX).is_in(which)) for each in (self.lines, self.payments)))


def of_texts(texts: Sequence[bytes]) -> Frames:
    """The sales among these texts that are plain; their indexes are the positions of the texts.

    Raises `polars.exceptions.PolarsError` for what is no JSON or is of an unexpected shape.
    """
    text = pl.Series("text", texts, dtype=pl.Binary).cast(pl.String)
    sales = text.str.json_decode(pl.Struct(_SALE)).struct.unnest().with_row_index(INDEX).with_columns(text)
    sales = sales.with_columns(pl.col("fiscal").struct.unnest())
    whole = sales.filter(pl.col("lines").list.len() > 0, pl.col("payments").list.len() >= 0)
    lines = _lines(whole.select(INDEX, "lines"))
    payments = _payments(whole.select(INDEX, "payments"))
    written = _written(whole, lines, payments)
    plain = whole.filter(written, *_sound_heads()).drop("lines", "payments", "fiscal", "text")
    unsound = [frame.filter(~sound)[INDEX] for frame, sound in ((lines, _sound_line()), (payments, _sound_payment()))]
    plain = plain.filter(~plain[INDEX].is_in(pl.concat(unsound).implode()))
    return Frames(plain, lines, payments).only(plain)


def _lines(sales: pl.DataFrame) -> pl.DataFrame:
    lines = sales.explode("lines").select(INDEX, pl.col("lines").struct.unnest())
    lines = lines.with_columns(
        tax_rate=pl.col("tax").struct.field("rate"),
        tax_amount=pl.col("tax").struct.field("amount"),
        tax_on_top=pl.col("tax").struct.field("on_top").fill_null(False),
        taxed=pl.col("tax").is_not_null(),
    ).drop("tax")
    tax = pl.concat_str(
        pl.lit(',"tax":{"rate":"'),
        _escaped(lines, "tax_rate"),
        pl.lit('","amount":"'),
        pl.col("tax_amount"),
        pl.when("tax_on_top").then(pl.lit('","on_top":true}')).otherwise(pl.lit('"}')),
    )
    document = pl.concat_str(
        pl.lit('{"good_id":"'),
        _escaped(lines, "good_id"),
        pl.lit('","name":"'),
        _escaped(lines, "name"),
        pl.lit('","quantity":"'),
        pl.col("quantity"),
        pl.lit('","price":"'),
        pl.col("price"),
        pl.lit('"'),
        *_optional(lines, "discount", "warehouse_id", "sum", "cost", "unit", "kind"),
        pl.when("taxed").then(tax).otherwise(pl.lit("")) if lines["taxed"].any() else pl.lit(""),
    )
    return lines.with_columns(document=document)


def _payments(sales: pl.DataFrame) -> pl.DataFrame:
    payments = sales.filter(pl.col("payments").list.len() > 0).explode("payments")
    payments = payments.select(INDEX, pl.col("payments").struct.unnest())
    document = pl.concat_str(
        pl.lit('{"method":"'), pl.col("method"), pl.lit('","amount":"'), pl.col("amount"), pl.lit('"}')
    )
    return payments.with_columns(document=document)


def _written(sales: pl.DataFrame, lines: pl.DataFrame, payments: pl.DataFrame) -> pl.Series:
    """Of each sale, whether its text is what the columns make of it; null where something is missing."""
    of_lines = lines.group_by(INDEX, maintain_order=True).agg(pl.col("document").str.join("},", ignore_nulls=False))
    sales = sales.join(of_lines.rename({"document": "lines text"}), on=INDEX, how="left", maintain_order="left")
    sales = sales.join(
        payments.group_by(INDEX, maintain_order=True)
        .agg(pl.col("document").str.join(",", ignore_nulls=False))
        .rename({"document": "payments text"}),
        on=INDEX,
        how="left",
        maintain_order="left",
    )
    fiscal = pl.concat_str(
        pl.lit(',"fiscal":{"fn":"'),
        _escaped(sales, "fn"),
        pl.lit('","fd":"'),
        _escaped(sales, "fd"),
        pl.lit('","fp":"'),
        _escaped(sales, "fp"),
        pl.lit('"'),
        *_optional(sales, "tax_system"),
        pl.lit("}"),
    )
    text = pl.concat_str(
        pl.lit('{"type":"sale.registered","at":"'),
        pl.col("at"),
        pl.lit('","sale_id":"'),
        _escaped(sales, "sale_id"),
        pl.lit('","number":"'),
        _escaped(sales, "number"),
        pl.lit('","lines":['),
        pl.col("lines text"),
        pl.lit('}],"payments":['),
        pl.col("payments text").fill_null(""),
        pl.lit("]"),
        *_optional(sales, "change", "contact_id", "cashier", "cashier_id", "shift_id", "rounding"),
        pl.when(pl.col("fiscal").is_not_null()).then(fiscal).otherwise(pl.lit(""))
        if sales["fiscal"].null_count() < sales.height
        else pl.lit(""),
        pl.when(pl.col("correction").fill_null(False)).then(pl.lit(',"correction":true')).otherwise(pl.lit("")),
        pl.lit("}"),
    )
    return sales.select((text == pl.col("text")).fill_null(False)).to_series()


def _optional(frame: pl.DataFrame, *names: str) -> list[pl.Expr]:
    """The text of fields that are written only where there is something."""
    return [
        pl.when(pl.col(name).is_not_null())
        .then(pl.concat_str(pl.lit(f',"{name}":"'), _escaped(frame, name), pl.lit('"')))
        .otherwise(pl.lit(""))
        for name in names
        if frame[name].null_count() < frame.height
    ]


def _escaped(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A text as JSON has it. Other characters that are escaped there make a sale not plain."""
    if frame[name].str.contains(r'["\\]').any():
        return pl.col(name).str.replace_many({"\\": r"\\", '"': r"\""})
    return pl.col(name)


def _sound_heads() -> list[pl.Expr]:
    return [
        pl.col("at").str.contains(_MOMENT),
        pl.col("sale_id").str.len_bytes().is_between(1, _LONG),
        pl.col("number").str.len_bytes() <= _LONG,
        *(_absent_or(name, pl.col(name).str.len_bytes().is_between(1, _LONG)) for name in _IDS),
        _absent_or("cashier", pl.col("cashier").str.len_bytes() <= _LONG),
        _absent_or("change", pl.col("change").str.contains(_MONEY)),
        _absent_or("rounding", pl.col("rounding").str.contains(_SIGNED)),
    ]


_IDS = ("contact_id", "cashier_id", "shift_id", "fn", "fd", "fp", "tax_system")


def _sound_line() -> pl.Expr:
    """Whether a line is what any decoder of events would take; never null."""
    return pl.all_horizontal(
        pl.col("good_id").str.len_bytes().is_between(1, _LONG),
        pl.col("name").str.len_bytes() <= _LONG,
        pl.col("quantity").str.contains(_AMOUNT),
        pl.col("price").str.contains(_AMOUNT),
        *(_absent_or(name, pl.col(name).str.contains(_MONEY)) for name in ("discount", "sum")),
        _absent_or("cost", pl.col("cost").str.contains(_AMOUNT)),
        _absent_or("warehouse_id", pl.col("warehouse_id").str.len_bytes().is_between(1, _LONG)),
        _absent_or("unit", pl.col("unit").str.len_bytes() <= _LONG),
        _absent_or("kind", pl.col("kind").is_in([kind for kind in get_args(LineKind) if kind != "good"])),
        ~pl.col("taxed") | (pl.col("tax_rate").is_not_null() & pl.col("tax_amount").str.contains(_MONEY)),
    ).fill_null(False)


def _sound_payment() -> pl.Expr:
    return pl.all_horizontal(
        pl.col("method").is_in(list(get_args(Method))), pl.col("amount").str.contains(_MONEY)
    ).fill_null(False)


def _absent_or(name: str, sound: pl.Expr) -> pl.Expr:
    return pl.col(name).is_null() | sound
