"""Contacts that asked to be forgotten: a register outside the generations, which every fold consults.

So a replay knows of an erasure before it comes to the contact. The table's trigger erases the name in all generations.
"""

from __future__ import annotations

from msgspec import Struct

from projections.kinds.columns import Uuid
from projections.kinds.states import On, Register
from schemas.records import ContactForgotten


class ForgottenRow(Struct, frozen=True, gc=False):
    outlet_id: Uuid
    contact_id: str


def asked(old: None, order: ContactForgotten, provenance: None) -> ForgottenRow:
    return ForgottenRow(order.outlet, order.contact_id)


def _id(order: ContactForgotten) -> tuple[str]:
    return (order.contact_id,)


FORGOTTEN = Register("forgotten", row=ForgottenRow, key=2, on=(On(ContactForgotten, _id, asked, reads=False),))
