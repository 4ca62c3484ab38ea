"""Who may see what goods cost and what was earned with them: the one switch, for pages, files and the read API."""

from __future__ import annotations

from decimal import Decimal

from webapp import acting


def sees_costs() -> bool:
    """Whether costs and margins are shown to who looks: an owner, or a member to whom he shows them."""
    return acting.now().sees_costs


def cost_of(cost_sum: Decimal, cost_known_sum: Decimal) -> Decimal | None:
    """A cost as it is shown: None where no cost is known, or where it is not to be seen.

    `cost_known_sum` is the revenue whose cost `cost_sum` is.
    """
    return None if not sees_costs() or not (cost_sum or cost_known_sum) else cost_sum


def known_of(cost_known_sum: Decimal) -> Decimal | None:
    """The revenue whose cost is known, as it is shown; None where costs are not to be seen."""
    return cost_known_sum if sees_costs() else None


def unit_cost_of(cost: Decimal | None) -> Decimal | None:
    """The cost of one unit, as it is shown; None where it is not known or not to be seen."""
    return cost if sees_costs() else None
