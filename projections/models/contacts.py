"""Contacts as last saved. One that was forgotten keeps its figures and never gets its name back."""

from __future__ import annotations

import msgspec

from projections.models.changes import Place
from projections.models.rows import ContactRow, ForgottenRow
from projections.models.table import Table
from schemas.events import ContactRemoved, ContactSaved


def fold_saved(
    contacts: Table[ContactRow], forgotten: Table[ForgottenRow], contact: ContactSaved, place: Place
) -> None:
    name = "" if forgotten.get(place.outlet, contact.contact_id) else contact.name
    row = ContactRow(
        place.outlet, contact.contact_id, name, contact.purchases_total, contact.debt, contact.points, removed=False
    )
    contacts.put(place.outlet, contact.contact_id, row=row)


def fold_removed(contacts: Table[ContactRow], removed: ContactRemoved, place: Place) -> None:
    old = contacts.get(place.outlet, removed.contact_id)
    if old is not None:
        contacts.put(place.outlet, removed.contact_id, row=msgspec.structs.replace(old, removed=True))


def forget(contacts: Table[ContactRow], forgotten: Table[ForgottenRow], outlet: str, contact_id: str) -> None:
    """Erases the name now and for every later `contact.saved`."""
    forgotten.put(outlet, contact_id, row=ForgottenRow(outlet, contact_id))
    old = contacts.get(outlet, contact_id)
    if old is not None:
        contacts.put(outlet, contact_id, row=msgspec.structs.replace(old, name=""))
