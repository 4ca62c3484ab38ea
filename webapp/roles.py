"""The roles of members, as people are told of them."""

from __future__ import annotations

from typing import Literal

from webapp.translation import N_

InvitedRole = Literal["manager", "accountant", "seller"]

ROLES: dict[InvitedRole, str] = {
    "manager": N_("Manager"),
    "accountant": N_("Accountant"),
    "seller": N_("Shop assistant"),
}
MEANINGS: dict[InvitedRole, str] = {
    "manager": N_("sees all figures, changes outlets and tills; no licences, no members, removes nothing"),
    "accountant": N_("sees and downloads all figures, and invoices; changes nothing"),
    "seller": N_("sees today's figures of the outlets ticked, nothing else"),
}
