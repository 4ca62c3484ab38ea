"""Events as the published schema allows them, drawn at its edges, and the moments in them read by hand."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from tests.schemas.strategies import wire_events

ZONES = ["Europe/Moscow", "Asia/Kamchatka", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"]
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))")

any_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
# Dots and slashes mean something in an address; the others in JSON, in COPY, in SQL, in a file's name or in a log.
odd_ids = st.sampled_from(
    [".", "..", "/", "//", "?", "#", "%", "%2F", "%00", "\\", "\\N", "\\.", "'", '"', "\n", " ", "\t", "+"]
)
ids = (
    st.sampled_from(["1", "2"])
    | odd_ids
    | any_text.filter(bool)
    | st.text("\U0001f9fe\uffffЁ", min_size=128, max_size=128)
)


@st.composite
def moments(draw: st.DrawFn) -> str:
    """A moment in every form that the schema allows, from 1970 to 2199, often at the edge of a second, day or year."""
    edges = ["1970-01-02", "1999-12-31", "2024-02-29", "2026-11-24", "2026-12-31", "2199-12-30"]
    day = draw(st.sampled_from(edges) | st.dates(date(1970, 1, 2), date(2199, 12, 30)).map(str))
    clock = draw(st.sampled_from(["00:00:00", "23:59:59", "12:30:00"]))
    fraction = draw(st.sampled_from(["", ".0", ".5", ".999999", ".9999999", ".999999999999", ".0000001", ".1234565"]))
    minutes = draw(st.sampled_from([0, 180, -210, 345, 959, -959]) | st.integers(-959, 959))
    hours, rest = divmod(abs(minutes), 60)
    sign, colon = "-" if minutes < 0 else "+", draw(st.sampled_from([":", ""]))
    offset = draw(st.sampled_from(["Z", "z"])) if minutes == 0 else f"{sign}{hours:02}{colon}{rest:02}"
    return f"{day}{draw(st.sampled_from('Tt '))}{clock}{fraction}{offset}"


def events() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Some events of any type in wire form."""
    one = st.builds(lambda event, at: {**event, "at": at}, wire_events(ids), moments())
    return st.lists(one, min_size=1, max_size=12)


@st.composite
def bodies(draw: st.DrawFn, run: str, sent: list[dict[str, Any]]) -> bytes:
    """The upload as JSON, its characters plain or escaped, with contact data that is dropped."""
    document = {"run": run, "first_seq": 1, "events": [{**event, "E_Mail": "x@example.org"} for event in sent]}
    if draw(st.booleans()):
        document["events"] = sent
    return json.dumps(document, ensure_ascii=draw(st.booleans())).encode()


def moment(text: str) -> datetime:
    """The moment that a till meant, cut to microseconds."""
    found = _MOMENT.fullmatch(text)
    assert found, text
    day, clock, fraction, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    whole = datetime.fromisoformat(f"{day}T{clock}")
    return whole.replace(microsecond=int((fraction or "0")[:6].ljust(6, "0")), tzinfo=timezone(offset))
