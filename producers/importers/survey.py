"""One look at all receipts of an import, before any is made into a document: what can't be told from one alone."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from producers.importers import fiscal
from producers.importers.documents import bounded_id
from producers.importers.fiscal_fields import ITEMS, Receipt, receipt_in
from producers.importers.jsonstream import values
from producers.importers.kept import Kept
from producers.importers.questions import Answers, Question
from producers.importers.sources import Source

_RUBLE = 100


class Survey(NamedTuple):
    rows: int
    unit: int
    registrations: dict[tuple[str, str], int]
    sales: dict[int, str]


def surveyed(source: Source, kept: Kept, answers: Answers) -> Survey:
    """One look at all receipts: the unit of money, whose they are, and which sales a refund may be of.

    What is read of each value goes into `kept`: from there it comes several times quicker than from the JSON.
    """
    registrations, sales = dict[tuple[str, str], int](), dict[int, str]()
    whole, fractions, rows = "", False, 0
    for value in (value for file in source.files for value in values(file, ITEMS)):
        rows += 1
        receipt = receipt_in(value)
        kept.keep(str(value)[:100] if receipt is None else receipt)
        if receipt is None:
            continue
        for number in fiscal.amounts(receipt):
            if isinstance(number, Decimal):
                whole, fractions = whole or str(number), fractions or bool(number % 1)
        registration = (receipt.inn, receipt.registration)
        registrations[registration] = registrations.get(registration, 0) + 1
        if receipt.operation == 1:
            content, id_ = content_of(receipt), _id_or_none(receipt)
            # Where two sales are alike, nobody knows of which one a refund is.
            sales[content] = "" if content in sales and sales[content] != id_ else id_
    return Survey(rows, _unit(whole, fractions, answers), registrations, sales)


def _unit(whole: str, fractions: bool, answers: Answers) -> int:
    """How many of the files' units make a ruble: kopecks are whole numbers; an amount such as 251.0 may be either."""
    if fractions and answers.get("money") is None:
        return 1
    if not whole and answers.get("money") is None:
        return _RUBLE
    text = f"Are the amounts of the receipts, such as {whole}, kopecks or rubles?"
    return _RUBLE if answers.choice("money", text, ["kopecks", "rubles"], whole) == "kopecks" else 1


def of_outlet(survey: Survey, answers: Answers) -> dict[tuple[str, str], bool]:
    """Which receipts are of this outlet: all of them, unless several firms are in the files; then the map says it."""
    chosen = answers.section("outlets")
    several = len({inn for inn, _ in survey.registrations}) > 1
    here = {}
    for inn, registration in survey.registrations:
        keys = [f"{inn}/{registration}", registration, inn]
        answer = next((chosen[key] for key in keys if key in chosen), None if several else "here")
        if answer is None:
            raise Question(
                f"outlets.{inn}",
                f"The files hold receipts of several firms. Are those of ИНН {inn} of this outlet?",
                ["here", "elsewhere"],
                f"ИНН {inn}",
            )
        here[inn, registration] = answer == "here"
    return here


def id_of(receipt: Receipt) -> str:
    fn, fd = receipt.fn, receipt.fd
    for column, value in (("fiscalDriveNumber", fn), ("fiscalDocumentNumber", fd)):
        if not value:
            raise fiscal.Unfit(column, "", "missing", {"field": column})
    return bounded_id(f"{fn}-{fd}")


def _id_or_none(receipt: Receipt) -> str:
    try:
        return id_of(receipt)
    except fiscal.Unfit:
        return ""


def content_of(receipt: Receipt) -> int:
    """What a refund has in common with its sale: the storage device, the total and the lines. For this import only."""
    lines = sorted([(item.name, str(item.sum)) for item in receipt.items])
    return hash((receipt.fn, str(receipt.total), *lines))
