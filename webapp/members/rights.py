"""What a form says of a member: his role, his outlets, whether he is shown costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args
from uuid import UUID

from msgspec import Struct

from webapp.account_outlets import Outlet
from webapp.forms import Form
from webapp.roles import InvitedRole


class Rights(Struct, frozen=True):
    """`outlets` None: all, later ones included."""

    role: InvitedRole
    outlets: frozenset[UUID] | None
    sees_costs: bool

    def parameters(self) -> dict[str, Any]:
        """For statements."""
        outlets = None if self.outlets is None else sorted(self.outlets)
        return {"role": self.role, "outlets": outlets, "sees_costs": self.sees_costs}


def entered(fields: Form, account_outlets: Sequence[Outlet]) -> Rights | str:
    """What was entered, or a code of what is wrong with it: a role that there is not, no outlets, outlets of others, or
    a seller of all outlets."""
    role = fields.text("role")
    if role not in get_args(InvitedRole):
        return "role"
    ticked = set(fields.all("outlet"))
    known = {str(outlet.outlet_id): outlet.outlet_id for outlet in account_outlets}
    if not ticked or not ticked <= {*known, "all"}:
        return "outlets"
    if "all" in ticked and role == "seller":
        return "seller_outlets"
    outlets = None if "all" in ticked else frozenset(known[outlet] for outlet in ticked)
    return Rights(cast(InvitedRole, role), outlets, role != "seller" and bool(fields.text("costs")))
