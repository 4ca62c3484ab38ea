"""Contacts as last saved. One that was forgotten keeps its figures and never gets its name back."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import Struct

from projections.kinds.columns import Uuid
from projections.kinds.provenance import Provenance
from projections.kinds.states import On, States
from projections.models.forgotten import FORGOTTEN, ForgottenRow
from schemas.events import ContactRemoved, ContactSaved
from schemas.records import ContactForgotten


class ContactRow(Struct, frozen=True, gc=False):
    outlet_id: Uuid
    contact_id: str
    name: str
    purchases_total: Decimal
    debt: Decimal
    points: Decimal
    removed: bool


def saved(
    old: ContactRow | None, contact: ContactSaved, provenance: Provenance, forgotten: ForgottenRow | None
) -> ContactRow:
    """The contact as it was saved; without its name where it was forgotten."""
    name = "" if forgotten else contact.name
    return ContactRow(
        provenance.outlet, contact.contact_id, name, contact.purchases_total, contact.debt, contact.points, False
    )


def removed(old: ContactRow | None, event: ContactRemoved, provenance: Provenance) -> ContactRow | None:
    return None if old is None else msgspec.structs.replace(old, removed=True)


def forgotten(old: ContactRow | None, order: ContactForgotten, provenance: None) -> ContactRow | None:
    return None if old is None else msgspec.structs.replace(old, name="")


def _id(event: ContactSaved | ContactRemoved | ContactForgotten) -> tuple[str]:
    return (event.contact_id,)


CONTACTS = States(
    "contacts",
    version=1,
    row=ContactRow,
    key=2,
    on=(
        On(ContactSaved, _id, saved, reads=False, consults=FORGOTTEN),
        On(ContactRemoved, _id, removed),
        On(ContactForgotten, _id, forgotten),
    ),
)
