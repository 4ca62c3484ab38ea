"""A call of the read API: its routes and its description are made from the same declaration."""

from __future__ import annotations

import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

Answer = Struct | Sequence[Struct]
"""What a call answers with: a document, or a list of them."""

Schema = dict[str, Any]
"""A JSON Schema."""


class Resource(Struct, frozen=True):
    """A call of the read API. The type that `respond` returns is the shape of its answer.

    `operation` names it in programs, `path` begins below `/api/v1/outlets`, `parameters` are those of its query.
    `behind`: the call is told whether the rows may lack what was acknowledged before.
    `needs`: what it reads beside what every call needs (`webapp/computed.py`).
    """

    operation: str
    path: str
    summary: str
    respond: Callable[..., Awaitable[Answer]]
    parameters: Mapping[str, Schema] = {}
    needs: tuple[str, ...] = ()
    behind: bool = False

    @property
    def answer(self) -> Any:
        """The type of the answer."""
        return typing.get_type_hints(self.respond)["return"]
