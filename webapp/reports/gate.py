"""What stands in the place of figures: nothing connected yet, or the licence is over."""

from __future__ import annotations

from starlette.responses import Response

from webapp.rendering import render
from webapp.reports.view import View


def closed(view: View) -> Response | None:
    """The page to show instead, None where there are figures to show."""
    if not view.owned:
        return render(view.request, "reports/no_outlets.html", view.context())
    if not view.seen:
        return render(view.request, "reports/expired.html", view.context(), status_code=402)
    return None
