"""What was read of receipts, kept for a second look: from here it comes several times quicker than from their JSON."""

from __future__ import annotations

import pickle
from contextlib import AbstractContextManager
from tempfile import TemporaryFile
from types import TracebackType

from producers.importers.fiscal_fields import Item, Receipt


class Kept(AbstractContextManager["Kept"]):
    """Receipts, and texts in place of what is none, in a file without a name; gone at the end.

    They are written as plain tuples: with the names of their classes it would take twice as long.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="weboffice-import-")  # noqa: SIM115 (closed at the end)

    def keep(self, receipt: Receipt | str) -> None:
        plain: object = receipt
        if isinstance(receipt, Receipt):
            plain = (*receipt[:-2], [item[:] for item in receipt.items], receipt.taxes)
        pickle.dump(plain, self._file, pickle.HIGHEST_PROTOCOL)

    def rewind(self) -> None:
        """From here on they come again, in the order in which they were kept."""
        self._file.seek(0)

    def again(self) -> Receipt | str:
        """The next one. There are as many as were kept."""
        plain = pickle.load(self._file)  # noqa: S301 (this process wrote it, and nobody else has the file)
        if isinstance(plain, str):
            return plain
        *fields, items, taxes = plain
        return Receipt._make([*fields, list(map(Item._make, items)), taxes])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
