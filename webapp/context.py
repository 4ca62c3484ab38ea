"""What a template gets of its page: a struct of its own, which names the template; never a dictionary."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct


class Context(Struct, frozen=True, kw_only=True):
    """The base of all contexts. The fields of a subclass are the names that its `template` may use, beside those of
    `Layout` and those that `webapp/rendering.py` lists.

    `title` is the page's title and heading, a text of the catalogues (`N_`). A template whose title says what it shows
    leaves it empty and fills the block `title` itself.
    """

    template: ClassVar[str]
    title: ClassVar[str] = ""
