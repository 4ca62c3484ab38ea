"""The service's figures as an owner may read them, for the comparison; from the standard library alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from producers.till.connection import Connection, NoAnswer
from schemas.errors import InfrastructureUnreachable, UsageError

_TIMEOUT_S = 60.0
_PAGE = 500


class Owner:
    """The read API with an owner's token. Raises `UsageError` where it is refused, `InfrastructureUnreachable`."""

    def __init__(self, url: str, token: str) -> None:
        self._http = Connection(url, _TIMEOUT_S)
        self._headers = {"Authorization": f"Bearer {token}"}

    def outlets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("/api/v1/outlets")
        return found

    def outlet(self, wanted: str | None) -> dict[str, Any] | None:
        """The outlet of an id or name; without either the only one; None where that does not say which."""
        outlets = self.outlets()
        named = [outlet for outlet in outlets if wanted in (outlet["outlet_id"], outlet["name"])]
        chosen = named if wanted else outlets
        if not chosen and wanted and self._shows(wanted):
            return {"outlet_id": wanted}
        return chosen[0] if len(chosen) == 1 else None

    def _shows(self, outlet_id: str) -> bool:
        """Whether there is such an outlet: one for trying is on no list."""
        target = f"/api/v1/outlets/{quote(outlet_id, safe='')}/daily?from=2000-01-01&to=2000-01-01"
        try:
            return self._http.request("GET", target, self._headers).status == 200
        except NoAnswer as exc:
            raise InfrastructureUnreachable(f"the service does not answer ({exc})") from exc

    def daily(self, outlet_id: str, first: str, last: str) -> dict[str, dict[str, Any]]:
        """The days that have figures."""
        return {
            day["day"]: day for day in self._get(f"/api/v1/outlets/{outlet_id}/daily", **{"from": first, "to": last})
        }

    def sales(self, outlet_id: str, first: str, last: str) -> Iterator[dict[str, Any]]:
        return self._pages(f"/api/v1/outlets/{outlet_id}/sales", **{"from": first, "to": last})

    def stock(self, outlet_id: str) -> Iterator[dict[str, Any]]:
        return self._pages(f"/api/v1/outlets/{outlet_id}/stock")

    def _pages(self, path: str, **parameters: str) -> Iterator[dict[str, Any]]:
        after: str | None = None
        while True:
            page = self._get(path, limit=str(_PAGE), **parameters, **({"after": after} if after else {}))
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def _get(self, path: str, **parameters: str) -> Any:
        target = quote(path, safe="/") + (f"?{urlencode(parameters)}" if parameters else "")
        try:
            answer = self._http.request("GET", target, self._headers)
        except NoAnswer as exc:
            raise InfrastructureUnreachable(f"the service does not answer ({exc})") from exc
        if answer.status >= 500:
            raise InfrastructureUnreachable(f"the service can't answer now ({answer.status})")
        if answer.status != 200:
            raise UsageError(f"the service refuses to show its figures ({answer.status}): is the owner's token right?")
        return json.loads(answer.content)
