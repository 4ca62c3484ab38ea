"""The read-only JSON API of GBS.Market, as far as its maker's public description tells of it.

`GET /api/v1/goods` and `/api/v1/documents?type=Sale&date_start=…&date_end=…&page=…&page_size=…` with Basic
authorization; answers are `{"Status": "Ok", "Data": …, "TotalPages": n}`, an error is `{"Status": "Error", "Data":
{"Message": …}}`. Names of fields are read in any letter case.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

from producers.till.connection import MAX_ANSWER_BYTES, Connection, NoAnswer
from schemas.errors import InfrastructureUnreachable, UsageError

Record = dict[str, Any]
"""An object of the API; its names in lower case."""

PAGE = 100
_TIMEOUT_S = 30.0
_TRIES = 3
_PAGES_MAX = 100_000


class GbsMarket:
    """A till program's API. The address may hold the login and password: `http://login:password@127.0.0.1:5000`.

    Raises `InfrastructureUnreachable` where it does not answer, `UsageError` where it refuses.
    """

    def __init__(self, address: str, login: str = "", password: str = "", timeout: float = _TIMEOUT_S) -> None:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        if not parts.hostname:
            raise UsageError("the address of GBS.Market's API looks like http://login:password@127.0.0.1:5000")
        authority = parts.netloc.rpartition("@")[2]
        self._http = Connection(urlunsplit((parts.scheme, authority, "", "", "")), timeout)
        names = f"{login or unquote(parts.username or '')}:{password or unquote(parts.password or '')}"
        self._headers = {"Authorization": "Basic " + base64.b64encode(names.encode()).decode()}

    def goods(self) -> Iterator[Record]:
        """All goods."""
        return self._pages("/api/v1/goods", {})

    def documents(self, kind: str, first: date, last: date) -> Iterator[Record]:
        """The documents of a kind (`Sale`) of these days, both included."""
        days = {"date_start": first.isoformat(), "date_end": last.isoformat()}
        return self._pages("/api/v1/documents", {"type": kind, **days})

    def close(self) -> None:
        self._http.close()

    def _pages(self, path: str, parameters: dict[str, str]) -> Iterator[Record]:
        page = pages = 1
        while page <= min(pages, _PAGES_MAX):
            answer = self._get(path, {**parameters, "page": str(page), "page_size": str(PAGE)})
            data = answer.get("data")
            pages = _whole(answer.get("totalpages"))
            for record in data if isinstance(data, list) else [] if data is None else [data]:
                if not isinstance(record, dict):
                    raise UsageError(f"GBS.Market answers {path} with something that is no list of objects")
                yield record
            page += 1

    def _get(self, path: str, parameters: dict[str, str]) -> Record:
        for attempt in range(1, _TRIES + 1):
            try:
                answer = self._http.request("GET", f"{path}?{urlencode(parameters)}", self._headers)
            except NoAnswer as exc:
                if attempt == _TRIES:
                    raise InfrastructureUnreachable(f"GBS.Market does not answer ({exc}): is its API on?") from exc
                continue
            if answer.status in (401, 403):
                raise UsageError("GBS.Market refuses the login or password of its API")
            if answer.status >= 500 and attempt < _TRIES:
                continue
            if answer.status != 200:
                raise InfrastructureUnreachable(f"GBS.Market answers {answer.status} to {path}")
            return _content(answer.content, path)
        raise AssertionError  # the last attempt returns or raises


def _content(content: bytes, path: str) -> Record:
    if len(content) >= MAX_ANSWER_BYTES:
        raise UsageError(f"GBS.Market's answer to {path} is too large")
    try:
        answer = lowered(json.loads(content.decode("utf-8-sig"), parse_float=Decimal))
    except (ValueError, RecursionError) as exc:
        raise InfrastructureUnreachable(f"GBS.Market's answer to {path} is no JSON") from exc
    if not isinstance(answer, dict):
        raise InfrastructureUnreachable(f"GBS.Market's answer to {path} is no object")
    if str(answer.get("status", "ok")).lower() != "ok":
        data = answer.get("data")
        message = data.get("message") if isinstance(data, dict) else data
        raise UsageError(f"GBS.Market answers with an error: {str(message)[:200]}")
    return answer


def lowered(value: Any) -> Any:
    """The same JSON with the names of its fields in lower case."""
    match value:
        case dict():
            return {name.lower(): lowered(inner) for name, inner in value.items()}
        case list():
            return [lowered(inner) for inner in value]
        case _:
            return value


def _whole(value: Any) -> int:
    try:
        return max(1, int(value))
    except (TypeError, ValueError):
        return 1
