"""The costs that goods had before the one last saved: for receipts that come again with a good that is new to them."""

from __future__ import annotations

from projections.kinds.past import Past
from projections.models.costs import COSTS

PAST_COSTS = Past("past_costs", version=1, state=COSTS)
