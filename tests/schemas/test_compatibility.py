"""A change of the published schemas that old tills or old records would break on is found."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas import publish
from schemas.compatibility import breaking_changes, main
from schemas.publish import FOLDER, documents
from tests.schemas.mutations import mutated
from tests.schemas.test_publish import uploads

BASELINE = FOLDER / "baseline-v2.json"
UPLOAD: dict[str, Any] = json.loads((FOLDER / "upload.json").read_text())
Change = Callable[[dict[str, Any]], object]


def test_the_baseline_is_never_rewritten() -> None:
    """The first published schemas stay as they were, byte for byte."""
    assert sha256(BASELINE.read_bytes()).hexdigest() == (
        "a163084fe404698a2a61c76df83bb1b7bbb27668b3ef153fd52a338a1ea8365c"
    )


@pytest.mark.parametrize("name", ["upload", "record"])
def test_what_fits_the_baseline_still_fits(name: str) -> None:
    """Nothing that was accepted when version 2 was published is refused now."""
    assert breaking_changes(json.loads(BASELINE.read_text())[name], json.loads(documents()[f"{name}.json"])) == []


def _fields(schema: dict[str, Any], of: str) -> Any:
    return schema["$defs"][of]["properties"]


BREAKING: dict[str, tuple[Change, str]] = {
    "a type removed": (
        lambda s: s["$defs"]["Upload"]["properties"]["events"]["items"]["anyOf"].pop(0),
        "events[]: the type sale.registered is gone",
    ),
    "a type renamed": (
        lambda s: _fields(s, "GoodRemoved")["type"].update(enum=["good.deleted"]),
        "events[]: the type good.removed is gone",
    ),
    "a field removed": (
        lambda s: _fields(s, "SaleRegistered").pop("cashier"),
        "events[]<sale.registered>: the field cashier is gone",
    ),
    "a field newly required": (
        lambda s: s["$defs"]["Line"]["required"].append("discount"),
        "events[]<sale.registered>.lines[]: the field discount is now required",
    ),
    "a new required field": (
        lambda s: (
            _fields(s, "Line").update(excise={"type": "string"}),
            s["$defs"]["Line"]["required"].append("excise"),
        ),
        "events[]<sale.registered>.lines[]: the field excise is now required",
    ),
    "a pattern changed": (
        lambda s: _fields(s, "Payment")["amount"].update(pattern="^[0-9]+$"),
        "events[]<sale.registered>.payments[].amount: pattern is now",
    ),
    "an enumeration narrowed": (
        lambda s: _fields(s, "Payment")["method"]["enum"].remove("sbp"),
        "events[]<sale.registered>.payments[].method: no longer allowed: ['sbp']",
    ),
    "a length narrowed": (
        lambda s: _fields(s, "GoodSaved")["name"].update(maxLength=100),
        "events[]<good.saved>.name: maxLength is now 100",
    ),
    "an array narrowed": (
        lambda s: _fields(s, "Upload")["events"].update(maxItems=100),
        "events: maxItems is now 100",
    ),
    "a number narrowed": (
        lambda s: _fields(s, "Upload")["first_seq"].update(minimum=2),
        "first_seq: minimum is now 2",
    ),
    "null refused": (
        lambda s: _fields(s, "Line").update(warehouse_id={"type": "string"}),
        "events[]<sale.registered>.lines[].warehouse_id: the type null is gone",
    ),
    "another JSON type": (
        lambda s: _fields(s, "StockMoved").update(quantity={"type": "number"}),
        "events[]<stock.moved>.quantity: the type is now number",
    ),
    "another default": (
        lambda s: _fields(s, "Line")["discount"].update(default="1"),
        "events[]<sale.registered>.lines[].discount: left out, it now means '1'",
    ),
    "private fields refused": (
        lambda s: s["$defs"]["Line"].update(patternProperties={}),
        "events[]<sale.registered>.lines[]: fields named like",
    ),
}

ADDITIONS: dict[str, Change] = {
    "nothing": lambda s: None,
    "an optional field": lambda s: _fields(s, "Line").update(excise={"type": "string", "default": ""}),
    "a type": lambda s: (
        s["$defs"].update(Opened={"type": "object", "properties": {"type": {"enum": ["shift.opened"]}}}),
        _fields(s, "Upload")["events"]["items"]["anyOf"].append({"$ref": "#/$defs/Opened"}),
    ),
    "a payment method": lambda s: _fields(s, "Payment")["method"]["enum"].append("crypto"),
    "a longer name": lambda s: _fields(s, "GoodSaved")["name"].update(maxLength=501),
    "no pattern": lambda s: _fields(s, "Payment")["amount"].pop("pattern"),
    "null allowed": lambda s: _fields(s, "Line").update(name={"anyOf": [_fields(s, "Line")["name"], {"type": "null"}]}),
    "a field no longer required": lambda s: s["$defs"]["Line"]["required"].remove("name"),
    "another description": lambda s: s["$defs"]["Line"].update(description="?"),
}


@pytest.mark.parametrize(("change", "said"), BREAKING.values(), ids=BREAKING.keys())
def test_a_breaking_change_is_named(change: Change, said: str) -> None:
    """Each kind of change that refuses, or understands differently, what was accepted is found and named."""
    new = copy.deepcopy(UPLOAD)
    change(new)
    assert any(found.startswith(said) for found in breaking_changes(UPLOAD, new)), breaking_changes(UPLOAD, new)


@pytest.mark.parametrize("change", ADDITIONS.values(), ids=ADDITIONS.keys())
def test_an_addition_passes(change: Change) -> None:
    """A change that accepts all that was accepted is let through."""
    new = copy.deepcopy(UPLOAD)
    change(new)
    assert breaking_changes(UPLOAD, new) == []


@given(st.deferred(lambda: mutated(UPLOAD["$defs"])), uploads)
def test_no_break_goes_unnoticed(definitions: Any, upload: Any) -> None:
    """If a changed schema refuses an upload that the old one accepts, some breaking change is named."""
    new = {**UPLOAD, "$defs": definitions}
    try:
        Draft202012Validator.check_schema(new)
        refused = not Draft202012Validator(new).is_valid(upload)
    except Exception:  # noqa: BLE001 (no schema at all: nothing to compare)
        return
    if refused:
        assert breaking_changes(UPLOAD, new)


def test_publishing_a_breaking_change_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m schemas.publish` writes nothing over a schema that accepts more; an addition is written."""
    monkeypatch.setattr(publish, "FOLDER", tmp_path)
    assert publish.main() == 0
    wider = json.loads((tmp_path / "upload.json").read_text())
    _fields(wider, "Payment")["method"]["enum"].append("crypto")
    (tmp_path / "upload.json").write_text(json.dumps(wider))
    (tmp_path / "record.json").unlink()
    assert publish.main() == 1
    assert not (tmp_path / "record.json").exists()
    assert main(str(tmp_path / "upload.json"), str(FOLDER / "upload.json")) == 1
    _fields(wider, "Payment")["method"]["enum"] = ["cash", "card"]
    (tmp_path / "upload.json").write_text(json.dumps(wider))
    assert publish.main() == 0
    assert (tmp_path / "upload.json").read_text() == documents()["upload.json"]


def test_offsets_are_what_the_contract_narrowed() -> None:
    """Only moments with an offset beyond ±15:59, which no database could hold, fit the baseline and are refused now."""
    baseline = json.loads(BASELINE.read_text())["upload"]["$defs"]["GoodRemoved"]["properties"]["at"]
    now = UPLOAD["$defs"]["GoodRemoved"]["properties"]["at"]
    for offset in ("Z", "z", "+00:00", "-15:59", "+15:59", "+0330"):
        for schema in (baseline, now):
            assert Draft202012Validator(schema).is_valid(f"2026-11-24T10:00:00.1234567{offset}")
    for offset in ("+16:00", "-16:00", "+23:59", "-1600"):
        assert Draft202012Validator(baseline).is_valid(f"2026-11-24T10:00:00{offset}")
        assert not Draft202012Validator(now).is_valid(f"2026-11-24T10:00:00{offset}")


def test_a_type_within_itself_is_compared() -> None:
    """A recursive type does not keep the comparison from ending."""
    tree = {"$ref": "#/$defs/T", "$defs": {"T": {"type": "object", "properties": {"below": {"$ref": "#/$defs/T"}}}}}
    other = copy.deepcopy(tree)
    other["$defs"]["T"]["required"] = ["below"]  # type: ignore[index]
    assert breaking_changes(tree, tree) == []
    assert breaking_changes(tree, other) == ["the document: the field below is now required"]
