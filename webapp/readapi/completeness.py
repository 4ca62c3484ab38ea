"""Whether all that tills sent stands in an outlet's figures, and what does not."""

from __future__ import annotations

from webapp.completeness.left_out import journal_kept
from webapp.completeness.logends import Snapshot
from webapp.completeness.refusals import refused
from webapp.completeness.state import completeness
from webapp.readapi.access import Call
from webapp.readapi.answers import moment
from webapp.readapi.resource import Resource
from webapp.readapi.shapes import Completeness, MissingEvents, RefusedEvents


async def state(call: Call) -> Completeness:
    """The state of the data at this moment."""
    outlet_id = call.outlet.outlet_id
    behind = frozenset([outlet_id] if call.behind else [])
    whole = (await completeness(Snapshot(call.connection, behind), [outlet_id]))[outlet_id]
    journal = await refused(call.connection, outlet_id)
    return Completeness(
        complete=whole.whole,
        counting=whole.behind,
        data_through=moment(whole.through, call.outlet.zone) if whole.through else None,
        missing=[MissingEvents(hole.till_id, hole.run, hole.first, hole.last) for hole in whole.missing],
        waiting=whole.waiting,
        quarantined=whole.quarantined,
        withdrawn=journal.events if await journal_kept(call.connection) else None,
        refused=[
            RefusedEvents(one.till_id, one.reason, one.events, moment(one.last_at, call.outlet.zone))
            for one in journal.shown
        ],
    )


COMPLETENESS = Resource(
    "show_completeness",
    "/{outlet_id}/completeness",
    "Whether all that tills sent stands in the figures",
    state,
    behind=True,
)
