"""What the members of an account may do: the one place that decides, for pages, forms, files and the read API."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Literal
from uuid import UUID

from msgspec import Struct

Role = Literal["owner", "manager", "accountant", "seller"]
"""The owner is who registered the account; the others he has invited."""

Action = Literal[
    "anybody",  # needs no session
    "own",  # one's own sign-in, devices, language
    "today",  # the figures of today
    "figures",  # all figures and receipts, and where each event is
    "export",  # lists as files
    "close",  # a month of an outlet, and opening it again
    "hear",  # how one is told of the account, and what one was told
    "tokens",  # tokens by which programs read what one may read oneself
    "outlets",  # the settings of an outlet, its tills and their tokens, imports
    "add_outlet",
    "remove",  # an outlet, a till
    "invoices",  # reading licences and invoices
    "money",  # buying licences, cancelling invoices
    "members",  # who else may look, and what they may
    "journal",
    "settings",  # what holds for the whole account
]

_ALL: AbstractSet[Role] = {"owner", "manager", "accountant", "seller"}
_READERS: AbstractSet[Role] = {"owner", "manager", "accountant"}
_ROLES: Mapping[Action, AbstractSet[Role]] = {
    "anybody": _ALL,
    "own": _ALL,
    "today": _ALL,
    "figures": _READERS,
    "export": _READERS,
    "close": {"owner"},
    "hear": _READERS,
    "tokens": _READERS,
    "outlets": {"owner", "manager"},
    "add_outlet": {"owner", "manager"},
    "remove": {"owner"},
    "invoices": {"owner", "accountant"},
    "money": {"owner"},
    "members": {"owner"},
    "journal": {"owner"},
    "settings": {"owner"},
}
_WHOLE: AbstractSet[Action] = {"add_outlet", "invoices"}
"""What concerns all outlets of the account, so that who may see some of them may not."""


WITH_FACTOR: AbstractSet[Action] = {"tokens", "members", "money"}
"""What who has a second factor is asked for its code again for, where he has not given it for a while."""


class Member(Struct, frozen=True):
    """What somebody is in an account. `outlets` are those that he may see, None for all, later ones included;
    `sees_costs`: whether he is shown what goods cost and what was earned with them."""

    role: Role = "owner"
    outlets: frozenset[UUID] | None = None
    sees_costs: bool = True


OWNER = Member()


def allowed(member: Member, action: Action, outlet: UUID | None = None) -> bool:
    """Whether a member may do it, with that outlet where it concerns one.

    Whether the outlet is the account's at all, the statements decide: a foreign one is not found by anybody.
    """
    if member.role not in _ROLES[action]:
        return False
    if member.outlets is None:
        return True
    return action not in _WHOLE and (outlet is None or outlet in member.outlets)
