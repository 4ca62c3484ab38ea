"""The menu: what a page says of its entry, and the links that a template draws."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from webapp.actions import Action


class Entry(Struct, frozen=True):
    """A page's entry in the menu, in the order in which the pages are listed: among the sections or, below them, among
    the settings. `label` is a text of the catalogues (`N_`). `minor`: it stands smaller below the section before it,
    to which it belongs, so that the menu stays a short list of sections. `bar` is its short name in the bar at the
    foot of a phone, "" where it has no place there."""

    place: Literal["sections", "settings"]
    label: str
    minor: bool = False
    bar: str = ""


class Link(Struct, frozen=True):
    """An entry with its address, for who may do its `action`. `figures`: it leads on within a kept report."""

    path: str
    entry: Entry
    figures: bool
    action: Action

    def leads_to(self, path: str) -> bool:
        """Whether the page at `path` is this one or below it; the dashboard's frame is the dashboard."""
        if self.path == "/":
            return path in ("/", "/shell")
        return path.startswith(self.path)
