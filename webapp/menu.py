"""The menu: what a page says of its entry, and the links that a template draws."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Entry(Struct, frozen=True):
    """A page's entry in the menu, in the order in which the pages are listed: among the sections or, below them, among
    the settings. `label` is a text of the catalogues (`N_`)."""

    place: Literal["sections", "settings"]
    label: str


class Link(Struct, frozen=True):
    """An entry with its address. `figures`: it leads on within a kept report."""

    path: str
    entry: Entry
    figures: bool

    def leads_to(self, path: str) -> bool:
        """Whether the page at `path` is this one or below it."""
        return path == self.path or (self.path != "/" and path.startswith(self.path))
