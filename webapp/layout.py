"""What stands around the content of a page: the outlet chooser, the kept report that is shown, whether it is live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from webapp.account_outlets import Outlet
from webapp.outlet_groups import FEW


class KeptReport(Struct, frozen=True):
    """A kept report: the read models of generation `number`, as they stood at `until`."""

    number: int
    name: str
    until: datetime


class Layout(Struct, frozen=True, kw_only=True):
    """What every template knows beside its own context. Without figures the defaults say all there is to say.

    Of more outlets than `few` one is chosen on a page of its own. On a page of figures `outlets` are the account's that
    count, `all_outlets` all of them, and `trying` says that the page is about outlets for trying; `chosen` are the ids
    of those the page is about, and of these `seen` are summed; `expired` and `foreign` are not (see `View`). `group` is
    the group by which they were chosen. `at` names the outlets in links. With `as_of` the figures are a kept report's,
    and `at_present` is the same page without it. `still` are the chosen outlets whose new data is not shown for the
    time being, `still_since` is when the last that is shown came in. `untouched`: none of `seen` has sold anything yet,
    ever.
    """

    live: bool = False
    chooser: bool = False
    few: int = FEW
    outlets: Sequence[Outlet] = ()
    all_outlets: Sequence[Outlet] = ()
    trying: bool = False
    chosen: AbstractSet[UUID] = frozenset()
    group: str | None = None
    seen: Sequence[Outlet] = ()
    expired: Sequence[Outlet] = ()
    foreign: Sequence[Outlet] = ()
    several: bool = False
    currency: str = "RUB"
    at: Mapping[str, list[str]] = {}
    now: datetime | None = None
    as_of: KeptReport | None = None
    kept_zone: str = "UTC"
    at_present: str = ""
    still: Sequence[Outlet] = ()
    still_since: datetime | None = None
    untouched: bool = False
