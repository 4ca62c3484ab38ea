"""Who acts while a request is answered, for what stands far from the request: the journal and the costs of goods."""

from __future__ import annotations

from contextvars import ContextVar
from uuid import UUID

from msgspec import Struct


class Acting(Struct, frozen=True):
    """`person_id` is who acts in an account that is not his own, None for its owner. Whoever is not known sees no
    costs."""

    person_id: UUID | None = None
    sees_costs: bool = False


_NOBODY = Acting()
_acting: ContextVar[Acting] = ContextVar("acting", default=_NOBODY)


def now() -> Acting:
    return _acting.get()


def begin(acting: Acting = _NOBODY) -> None:
    """From now on in this task, and in those that it starts."""
    _acting.set(acting)
