"""The fields of a fiscal receipt, by whatever names they come, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from producers.importers.documents import amount, bounded_id
from schemas.amounts import unit_price

Receipt = Mapping[str, Any]

ITEMS = frozenset(["items", "1059"])
"""Names of the list of lines: of all lists in a file, those are no lists of receipts."""

_NAMES: dict[str, tuple[str, ...]] = {
    "fn": ("fiscalDriveNumber", "fnNumber", "1041"),
    "fd": ("fiscalDocumentNumber", "fdNumber", "1040"),
    "fp": ("fiscalSign", "fpd", "1077"),
    "at": ("dateTime", "localDateTime", "1012"),
    "operation": ("operationType", "1054"),
    "total": ("totalSum", "1020"),
    "cash": ("cashTotalSum", "1031"),
    "ecash": ("ecashTotalSum", "1081"),
    "prepaid": ("prepaidSum", "prepaymentSum", "1215"),
    "credit": ("creditSum", "postpaymentSum", "1216"),
    "provision": ("provisionSum", "counterSubmissionSum", "1217"),
    "items": ("items", "1059"),
    "registration": ("kktRegId", "kktRegNumber", "1037"),
    "inn": ("userInn", "1018"),
    "cashier": ("operator", "1021"),
    "shift": ("shiftNumber", "1038"),
    "number": ("requestNumber", "1042"),
    "tax_system": ("appliedTaxationType", "taxationType", "1055"),
    "code": ("code", "receiptCode"),
    "correction": ("correctionType", "1173"),
    "name": ("name", "1030"),
    "quantity": ("quantity", "1023"),
    "price": ("price", "1079"),
    "sum": ("sum", "1043"),
    "rate": ("nds", "ndsRate", "1199"),
    "tax": ("ndsSum", "1200"),
    "payment_kind": ("paymentType", "calculationTypeSign", "1214"),
    "good_kind": ("productType", "calculationSubjectSign", "1212"),
    "unit": ("unit", "measure", "1197"),
    "measure": ("itemsQuantityMeasure", "2108"),
    "product": ("productCodeNew", "productCode", "nomenclatureCode", "1163", "1162"),
}
_WRAPPERS = ("ticket", "document", "receipt", "bso", "receiptCorrection", "bsoCorrection", "data", "json", "content")
_CORRECTIONS = frozenset([31, 41])  # codes of the forms: a correction receipt, a correction БСО
_DEEPEST = 8

RATES = {1: "20", 2: "10", 3: "20/120", 4: "10/110", 5: "0", 6: "none", 7: "5", 8: "7", 9: "5/105", 10: "7/107"}
RATES |= {11: "22", 12: "22/122"}
_BEFORE_2019 = {1: "18", 3: "18/118"}
_RATE_TOTALS: dict[str, tuple[str, ...]] = {"20": ("nds18", "nds20", "1102"), "10": ("nds10", "1103")}
_RATE_TOTALS |= {"20/120": ("nds18118", "nds20120", "1106"), "10/110": ("nds10110", "1107")}
_RATE_TOTALS |= {"18": ("nds18", "1102"), "18/118": ("nds18118", "1106")}
_TAX_SYSTEMS = {1: "osn", 2: "usn_income", 4: "usn_income_outcome", 8: "envd", 16: "esn", 32: "patent"}
_GOODS = frozenset([1, 2, 30, 31, 32, 33])  # the rest are works, services, payments, rights
_UNITS = {0: "шт", 10: "г", 11: "кг", 12: "т", 20: "см", 21: "дм", 22: "м", 30: "см²", 31: "дм²", 32: "м²"}
_UNITS |= {40: "мл", 41: "л", 42: "м³", 50: "кВт·ч", 51: "Гкал", 70: "сут", 71: "ч", 72: "мин", 73: "с"}
_GTIN_IN_MARK = re.compile(r"^(?:\(01\)|01)(\d{14})")
_CENT = Decimal("0.01")


class Unfit(Exception):
    """The receipt can't be brought in: where, what stands there, and why (a code of `words`)."""

    def __init__(self, column: str, value: object, code: str, values: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.column, self.value, self.code, self.values = column, str(value)[:100], code, dict(values or {})


class Line(NamedTuple):
    """A position; `price` and `sum` in rubles, `tax` as events have it."""

    source_id: str
    name: str
    quantity: Decimal
    price: Decimal
    sum: Decimal
    kind: str
    gtin: str
    unit: str
    tax: dict[str, str] | None

    @property
    def good_id(self) -> str:
        return bounded_id(self.source_id)


def field(record: Receipt, name: str) -> Any:
    """A field of a receipt or of a line, by any of its names; None where it is not there."""
    return next((record[known] for known in _NAMES[name] if record.get(known) is not None), None)


def text(record: Receipt, name: str) -> str:
    value = field(record, name)
    return "" if value is None else " ".join(str(value).split())


def receipt_in(value: Any) -> Receipt | None:
    """The receipt in a value, however it is wrapped; None where there is none."""
    for _ in range(_DEEPEST):
        if not isinstance(value, dict):
            return None
        if any(name in value for name in _NAMES["fn"]) or any(name in value for name in _NAMES["total"]):
            return value
        value = next((value[name] for name in _WRAPPERS if isinstance(value.get(name), dict)), None)
    return None


def is_correction(receipt: Receipt) -> bool:
    return field(receipt, "code") in _CORRECTIONS or field(receipt, "correction") is not None


def tax_system(receipt: Receipt) -> str:
    value = field(receipt, "tax_system")
    return _TAX_SYSTEMS.get(value, "") if isinstance(value, int) else ""


def items(receipt: Receipt) -> list[Receipt]:
    value = field(receipt, "items")
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def amounts(receipt: Receipt) -> Iterator[Any]:
    """All amounts of money that a receipt has."""
    for name in ("total", "cash", "ecash", "prepaid", "credit", "provision"):
        yield field(receipt, name)
    for item in items(receipt):
        yield field(item, "sum")


def money(record: Receipt, name: str, unit: int) -> Decimal:
    """An amount in rubles, where `unit` of the file's make one. Raises `Unfit`."""
    value = field(record, name)
    if value is None:
        raise Unfit(_NAMES[name][0], "", "missing", {"field": _NAMES[name][0]})
    return _number(value, _NAMES[name][0]) / unit


def payments(receipt: Receipt, unit: int) -> list[tuple[str, Decimal]]:
    """Money by method; without the methods by which nothing was paid."""
    methods = {"cash": "cash", "ecash": "card", "prepaid": "prepayment", "credit": "credit", "provision": "other"}
    found = [(method, money(receipt, name, unit)) for name, method in methods.items() if field(receipt, name)]
    return [(method, value) for method, value in found if value]


def lines(receipt: Receipt, unit: int, total: Decimal, year: int) -> list[Line]:
    """The positions. A correction without any has one of its total. Raises `Unfit`."""
    positions = items(receipt)
    if not positions and is_correction(receipt):
        return [Line("correction", "Коррекция", Decimal(1), total, total, "service", "", "", None)]
    if not positions:
        raise Unfit("items", "", "no_lines")
    taxed = [_line(item, f"items[{at}]", unit, year) for at, item in enumerate(positions)]
    return _with_tax_total(taxed, [field(item, "tax") is not None for item in positions], receipt, unit)


def _line(item: Receipt, place: str, unit: int, year: int) -> Line:
    name = text(item, "name") or "?"
    try:
        line_sum = money(item, "sum", unit)
        quantity = _number(1 if field(item, "quantity") is None else field(item, "quantity"), "quantity")
        if quantity <= 0:
            raise Unfit("quantity", quantity, "not_positive")
        price = field(item, "price")
        price_of_one = _number(price, "price") / unit if price is not None else line_sum / quantity
    except Unfit as exc:
        raise Unfit(f"{place}.{exc.column}", exc.value, exc.code, exc.values) from exc
    gtin = _gtin(field(item, "product"))
    measure = field(item, "measure")
    return Line(
        gtin or name,
        name,
        quantity,
        unit_price(price_of_one) if price_of_one.as_tuple().exponent < -4 else price_of_one,  # type: ignore[operator]
        line_sum,
        _kind(item),
        gtin,
        text(item, "unit")[:20] or (_UNITS.get(measure, "") if isinstance(measure, int) else ""),
        _tax(item, line_sum, unit, year),
    )


def _kind(item: Receipt) -> str:
    payment, good = field(item, "payment_kind"), field(item, "good_kind")
    if payment in (1, 2, 3):
        return "prepayment"
    if payment == 7:
        return "debt"
    return "good" if good is None or good in _GOODS else "service"


def _tax(item: Receipt, line_sum: Decimal, unit: int, year: int) -> dict[str, str] | None:
    code = field(item, "rate")
    rate = (_BEFORE_2019 if year < 2019 else RATES).get(code) or RATES.get(code) if isinstance(code, int) else None
    if rate is None:
        return None
    known = field(item, "tax")
    value = _number(known, "ndsSum") / unit if known is not None else _included(line_sum, rate)
    return {"rate": rate, "amount": amount(value.quantize(_CENT, ROUND_HALF_UP))}


def _included(line_sum: Decimal, rate: str) -> Decimal:
    """The tax in a sum that includes it."""
    if rate in ("none", "0"):
        return Decimal(0)
    percent, _, whole = rate.partition("/")
    return line_sum * Decimal(percent) / (Decimal(whole) if whole else 100 + Decimal(percent))


def _with_tax_total(taxed: list[Line], known: Sequence[bool], receipt: Receipt, unit: int) -> list[Line]:
    """The lines with the kopecks by which their computed tax misses the receipt's own, on the greatest of them."""
    for rate, names in _RATE_TOTALS.items():
        total = next((receipt[name] for name in names if receipt.get(name) is not None), None)
        of_rate = [at for at, line in enumerate(taxed) if line.tax and line.tax["rate"] == rate]
        computed = [at for at in of_rate if not known[at]]
        if total is None or not computed:
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
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Unfit(column, value, "not_a_number")
    try:
        number = Decimal(value)
    except ArithmeticError as exc:
        raise Unfit(column, value, "not_a_number") from exc
    if not number.is_finite() or abs(number) > 10**15:
        raise Unfit(column, value, "not_a_number")
    return number
