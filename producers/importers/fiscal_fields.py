"""The fields of a fiscal receipt, by whatever names they come: names of the ФНС, of cabinets, or tags of ФФД."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Record = Mapping[str, Any]

ITEMS = frozenset(["items", "1059"])
"""Names of the list of lines: of all lists in a file, those are no lists of receipts."""


class Item(NamedTuple):
    """A position of a receipt: its name in one line, the rest as it stands in the file; None where there is nothing."""

    name: str
    quantity: Any
    price: Any
    sum: Any
    rate: Any
    tax: Any
    payment_kind: Any
    good_kind: Any
    unit: Any
    measure: Any
    product: Any


class Receipt(NamedTuple):
    """A receipt: texts in one line, the rest as it stands in the file; None where there is nothing.

    `taxes` are its sums of tax, by their names.
    """

    fn: str
    fd: str
    fp: str
    registration: str
    inn: str
    cashier: str
    shift: str
    number: str
    at: Any
    operation: Any
    total: Any
    cash: Any
    ecash: Any
    prepaid: Any
    credit: Any
    provision: Any
    tax_system: Any
    code: Any
    correction: Any
    items: list[Item]
    taxes: Record


NAMES: dict[str, tuple[str, ...]] = {
    "fn": ("fiscalDriveNumber", "fnNumber", "1041"),
    "fd": ("fiscalDocumentNumber", "fdNumber", "1040"),
    "fp": ("fiscalSign", "fpd", "1077"),
    "registration": ("kktRegId", "kktRegNumber", "1037"),
    "inn": ("userInn", "1018"),
    "cashier": ("operator", "1021"),
    "shift": ("shiftNumber", "1038"),
    "number": ("requestNumber", "1042"),
    "at": ("dateTime", "localDateTime", "1012"),
    "operation": ("operationType", "1054"),
    "total": ("totalSum", "1020"),
    "cash": ("cashTotalSum", "1031"),
    "ecash": ("ecashTotalSum", "1081"),
    "prepaid": ("prepaidSum", "prepaymentSum", "1215"),
    "credit": ("creditSum", "postpaymentSum", "1216"),
    "provision": ("provisionSum", "counterSubmissionSum", "1217"),
    "tax_system": ("appliedTaxationType", "taxationType", "1055"),
    "code": ("code", "receiptCode"),
    "correction": ("correctionType", "1173"),
    "items": ("items", "1059"),
}
_TEXTS = 8
"""of these, in their order, are texts"""
_ITEM_NAMES: dict[str, tuple[str, ...]] = {
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
RATE_TOTALS: dict[str, tuple[str, ...]] = {"20": ("nds18", "nds20", "1102"), "10": ("nds10", "1103")}
RATE_TOTALS |= {"20/120": ("nds18118", "nds20120", "1106"), "10/110": ("nds10110", "1107")}
RATE_TOTALS |= {"18": ("nds18", "1102"), "18/118": ("nds18118", "1106")}
"""The sums of tax of a rate, by its name in events."""
_TOTAL_NAMES = frozenset(name for names in RATE_TOTALS.values() for name in names)
_MARKS = (*NAMES["fn"], *NAMES["total"])
"""What has one of these is a receipt."""
_WRAPPERS = ("ticket", "document", "receipt", "bso", "receiptCorrection", "bsoCorrection", "data", "json", "content")
_DEEPEST = 8


class _Form:
    """Which of the file's names holds each field, in records of the same names: a file has few such forms."""

    def __init__(self, fields: Iterable[tuple[str, ...]], names: tuple[str, ...]) -> None:
        there = [[name for name in known if name in names] or [known[0]] for known in fields]
        self._names = [first for first, *_ in there]
        self.taxes = [name for name in names if name in _TOTAL_NAMES]
        self._others = [(at, others) for at, (_, *others) in enumerate(there) if others]

    def values(self, record: Record) -> list[Any]:
        """The fields; the next of its names where the first one of a field holds nothing."""
        values = list(map(record.get, self._names))
        for at, others in self._others:
            if values[at] is None:
                values[at] = next((record[name] for name in others if record[name] is not None), None)
        return values


_FORMS_MAX, _FORM_CHARACTERS_MAX = 500, 10_000


class _Forms(dict[tuple[str, ...], _Form]):
    """Forms by the names of a record, as many and as long as may be remembered."""

    def __init__(self, fields: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__()
        self._fields = fields

    def __missing__(self, names: tuple[str, ...]) -> _Form:
        form = _Form(self._fields.values(), names)
        if len(self) < _FORMS_MAX and sum(map(len, names)) < _FORM_CHARACTERS_MAX:
            self[names] = form
        return form


_receipt_forms, _item_forms = _Forms(NAMES), _Forms(_ITEM_NAMES)


def _item(record: Record) -> Item:
    name, *fields = _item_forms[tuple(record)].values(record)
    return Item(text(name), *fields)


def _receipt(record: Record) -> Receipt:
    form = _receipt_forms[tuple(record)]
    *fields, listed = form.values(record)
    fields[:_TEXTS] = map(text, fields[:_TEXTS])
    items = [_item(item) for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    taxes = {name: record[name] for name in form.taxes if record[name] is not None}
    return Receipt._make([*fields, items, taxes])


def text(value: Any) -> str:
    """A field in one line; empty where there is nothing."""
    return "" if value is None else " ".join(str(value).split())


def receipt_in(value: Any) -> Receipt | None:
    """The receipt in a value, however it is wrapped; None where there is none."""
    for _ in range(_DEEPEST):
        if not isinstance(value, dict):
            return None
        for name in _MARKS:
            if name in value:
                return _receipt(value)
        for name in _WRAPPERS:
            inner = value.get(name)
            if isinstance(inner, dict):
                break
        value = inner
    return None
