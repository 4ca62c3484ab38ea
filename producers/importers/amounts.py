"""The numbers of a table's columns: their decimal sign is told by the column, then by the file, else it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from producers.importers.numbers import Evidence, Sign, read
from producers.importers.questions import Answers


class Amounts:
    """Reads the cells of columns by their names."""

    def __init__(self, signs: Mapping[str, Sign | None]) -> None:
        self._signs = signs

    def read(self, column: str, text: str) -> Decimal | None:
        """The number; None where it is none."""
        return read(text, self._signs.get(column))


def amounts(rows: Iterable[Sequence[tuple[str, str]]], answers: Answers) -> Amounts:
    """Looks at all numbers: `rows` of (column, cell). Raises `Question` where one can be read in two ways."""
    columns: dict[str, Evidence] = {}
    whole = Evidence()
    for row in rows:
        for column, text in row:
            if text.strip():
                columns.setdefault(column, Evidence()).add(text)
                whole.add(text)
    signs: dict[str, Sign | None] = {}
    for column, evidence in columns.items():
        sign = evidence.sign or whole.sign
        if evidence.example and sign is None:
            answer = answers.choice(
                "decimal",
                f"Which is the decimal sign of «{evidence.example}» in the column «{column}»?",
                [",", "."],
                evidence.example,
            )
            sign = "," if answer == "," else "."
        signs[column] = sign
    return Amounts(signs)
