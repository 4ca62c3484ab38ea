"""What the fields of a fiscal receipt mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from producers.importers.documents import amount, bounded_id
from producers.importers.fiscal_fields import NAMES, RATE_TOTALS, Item, Receipt, text
from schemas.amounts import ZERO, unit_price

_CORRECTIONS = (31, 41)  # codes of the forms: a correction receipt, a correction БСО
_NUMBER_MAX = 10**15

RATES = {1: "20", 2: "10", 3: "20/120", 4: "10/110", 5: "0", 6: "none", 7: "5", 8: "7", 9: "5/105", 10: "7/107"}
RATES |= {11: "22", 12: "22/122"}
_BEFORE_2019 = {1: "18", 3: "18/118"}
_TAX_SYSTEMS = {1: "osn", 2: "usn_income", 4: "usn_income_outcome", 8: "envd", 16: "esn", 32: "patent"}
_GOODS = (1, 2, 30, 31, 32, 33)  # the rest are works, services, payments, rights
_UNITS = {0: "шт", 10: "г", 11: "кг", 12: "т", 20: "см", 21: "дм", 22: "м", 30: "см²", 31: "дм²", 32: "м²"}
_UNITS |= {40: "мл", 41: "л", 42: "м³", 50: "кВт·ч", 51: "Гкал", 70: "сут", 71: "ч", 72: "мин", 73: "с"}
_GTIN_IN_MARK = re.compile(r"^(?:\(01\)|01)(\d{14})")
_CENT = Decimal("0.01")


def _share(rate: str) -> tuple[Decimal, Decimal] | None:
    """What of a sum is tax, if it includes it, as numerator and denominator; None where there is none."""
    if rate in ("none", "0"):
        return None
    percent, _, whole = rate.partition("/")
    return Decimal(percent), Decimal(whole) if whole else 100 + Decimal(percent)


_SHARES = {rate: _share(rate) for rate in {*RATES.values(), *_BEFORE_2019.values()}}


class Unfit(Exception):
    """The receipt can't be brought in: where, what stands there, and why (a code of `words`)."""

    def __init__(self, column: str, value: object, code: str, values: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.column, self.value, self.code, self.values = column, str(value)[:100], code, dict(values or {})


class Line(NamedTuple):
    """A position; `price` and `sum` in rubles, `tax` as events have it."""

    good_id: str
    source_id: str
    name: str
    quantity: Decimal
    price: Decimal
    sum: Decimal
    kind: str
    gtin: str
    unit: str
    tax: dict[str, str] | None


def is_correction(receipt: Receipt) -> bool:
    return receipt.code in _CORRECTIONS or receipt.correction is not None


def tax_system(receipt: Receipt) -> str:
    value = receipt.tax_system
    return _TAX_SYSTEMS.get(value, "") if isinstance(value, int) else ""


def amounts(receipt: Receipt) -> list[Any]:
    """All amounts of money that a receipt has."""
    whole = [receipt.total, receipt.cash, receipt.ecash, receipt.prepaid, receipt.credit, receipt.provision]
    return whole + [item.sum for item in receipt.items]


def total(receipt: Receipt, unit: int) -> Decimal:
    """What the receipt comes to, in rubles, where `unit` of the file's make one. Raises `Unfit`."""
    return _money(receipt.total, NAMES["total"][0], unit)


def _money(value: Any, column: str, unit: int) -> Decimal:
    if value is None:
        raise Unfit(column, "", "missing", {"field": column})
    return _number(value, column) / unit


def payments(receipt: Receipt, unit: int) -> list[tuple[str, Decimal]]:
    """Money by method; without the methods by which nothing was paid."""
    found = (
        (receipt.cash, "cash", "cash"),
        (receipt.ecash, "ecash", "card"),
        (receipt.prepaid, "prepaid", "prepayment"),
        (receipt.credit, "credit", "credit"),
        (receipt.provision, "provision", "other"),
    )
    paid = [(method, _money(value, NAMES[name][0], unit)) for value, name, method in found if value]
    return [(method, value) for method, value in paid if value]


def lines(receipt: Receipt, unit: int, total: Decimal, year: int) -> list[Line]:
    """The positions. A correction without any has one of its total. Raises `Unfit`."""
    if not receipt.items and is_correction(receipt):
        return [Line("correction", "correction", "Коррекция", Decimal(1), total, total, "service", "", "", None)]
    if not receipt.items:
        raise Unfit("items", "", "no_lines")
    taxed = [_line(item, at, unit, year) for at, item in enumerate(receipt.items)]
    return _with_tax_total(taxed, receipt, unit) if receipt.taxes else taxed


def _line(item: Item, at: int, unit: int, year: int) -> Line:
    name = item.name or "?"
    try:
        line_sum = _money(item.sum, "sum", unit)
        quantity = _number(1 if item.quantity is None else item.quantity, "quantity")
        if quantity <= 0:
            raise Unfit("quantity", quantity, "not_positive")
        price = line_sum / quantity if item.price is None else _number(item.price, "price") / unit
    except Unfit as exc:
        raise Unfit(f"items[{at}].{exc.column}", exc.value, exc.code, exc.values) from exc
    if type(item.price) is not int and price.as_tuple().exponent < -4:  # type: ignore[operator]
        price = unit_price(price)
    gtin = "" if item.product is None else _gtin(item.product)
    measured = _UNITS.get(item.measure, "") if isinstance(item.measure, int) else ""
    tax = _tax(item, line_sum, unit, year)
    unit_name = measured if item.unit is None else text(item.unit)[:20] or measured
    source_id = gtin or name
    return Line(bounded_id(source_id), source_id, name, quantity, price, line_sum, _kind(item), gtin, unit_name, tax)


def _kind(item: Item) -> str:
    if item.payment_kind in (1, 2, 3):
        return "prepayment"
    if item.payment_kind == 7:
        return "debt"
    return "good" if item.good_kind is None or item.good_kind in _GOODS else "service"


def _tax(item: Item, line_sum: Decimal, unit: int, year: int) -> dict[str, str] | None:
    code = item.rate
    rate = (_BEFORE_2019 if year < 2019 else RATES).get(code) or RATES.get(code) if isinstance(code, int) else None
    if rate is None:
        return None
    value = _included(line_sum, rate) if item.tax is None else _number(item.tax, "ndsSum") / unit
    return {"rate": rate, "amount": amount(value.quantize(_CENT, ROUND_HALF_UP))}


def _included(line_sum: Decimal, rate: str) -> Decimal:
    """The tax in a sum that includes it."""
    share = _SHARES[rate]
    return line_sum * share[0] / share[1] if share else ZERO


def _with_tax_total(taxed: list[Line], receipt: Receipt, unit: int) -> list[Line]:
    """The lines with the kopecks by which their computed tax misses the receipt's own, on the greatest of them."""
    for rate, names in RATE_TOTALS.items():
        total = next((receipt.taxes[name] for name in names if name in receipt.taxes), None)
        if total is None:
            continue
        of_rate = [at for at, line in enumerate(taxed) if line.tax and line.tax["rate"] == rate]
        computed = [at for at in of_rate if receipt.items[at].tax is None]
        if not computed:
            continue
        amounts_of_rate = [Decimal((taxed[at].tax or {})["amount"]) for at in of_rate]
        missing = _number(total, names[0]) / unit - sum(amounts_of_rate, Decimal(0))
        if missing and abs(missing) <= _CENT * len(of_rate):
            at = max(computed, key=lambda at: taxed[at].sum)
            tax = taxed[at].tax or {}
            taxed[at] = taxed[at]._replace(tax=tax | {"amount": amount(Decimal(tax["amount"]) + missing)})
    return taxed


def with_difference(positions: Sequence[Line], difference: Decimal) -> list[Line]:
    """The lines with the kopecks of the total on the greatest of them: a return has no rounding of its own."""
    changed = list(positions)
    if difference:
        at = max(range(len(changed)), key=lambda position: changed[position].sum)
        changed[at] = changed[at]._replace(sum=changed[at].sum + difference)
    return changed


def _gtin(product: Any) -> str:
    """The GTIN in a code of goods, in whichever form it comes; empty where there is none."""
    if isinstance(product, dict):
        for key, value in product.items():
            if key == "gtin" and str(value).isdigit():
                return str(value)
            if found := _gtin(value):
                return found
    if isinstance(product, str) and (match := _GTIN_IN_MARK.match(product)):
        return match[1]
    return ""


def _number(value: Any, column: str) -> Decimal:
    if type(value) is int and -_NUMBER_MAX <= value <= _NUMBER_MAX:  # nearly all of them
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Unfit(column, value, "not_a_number")
    try:
        number = Decimal(value)
    except ArithmeticError as exc:
        raise Unfit(column, value, "not_a_number") from exc
    if not number.is_finite() or abs(number) > _NUMBER_MAX:
        raise Unfit(column, value, "not_a_number")
    return number
