"""What an import would do: rows by kind, totals by day and method, what is new, and the rows with errors."""

from __future__ import annotations

from collections import Counter

from producers.importers import figures
from producers.importers.checking import Say, checked
from producers.importers.documents import Shop
from producers.importers.figures import Totals
from producers.importers.stage import Stage


class Preview:
    """The figures of a stage. `refused` are the documents, by kind and id, that the gateway would not take."""

    def __init__(self) -> None:
        self.events = self.new = 0
        self.kinds: Counter[str] = Counter()
        self.totals = Totals()
        self.refused: set[tuple[str, str]] = set()

    @property
    def known(self) -> int:
        return self.events - self.new


def preview(stage: Stage, shop: Shop, say: Say) -> Preview:
    """Goes through the stage once; what the gateway would refuse is added to its bad rows."""
    found = Preview()
    for staged, bad in checked(stage.documents(), say):
        document = staged.document
        if bad:
            stage.put(bad)
            found.refused.add((document.kind, document.id))
            continue
        if document.events:
            found.kinds[document.kind] += 1
        found.events += len(document.events)
        if stage.is_new(staged):
            found.new += len(document.events)
        if (added := figures.of_document(document.events, shop)) is not None:
            found.totals.add(added)
    return found
