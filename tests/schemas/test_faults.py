"""All that is wrong with an upload is found, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given

from producers.gateway import words
from schemas.errors import Fault, UploadRefused
from schemas.faults import FAULTS_MAX, faults
from schemas.uploads import Upload, check, parse
from tests.schemas.mutations import mutated, mutated_bytes
from tests.schemas.test_uploads import INVALID, SALE, body


def test_every_fault_of_a_batch_is_told() -> None:
    """Each event's faults, several of one event included, with the place and what helps."""
    price: dict[str, Any] = {**SALE["lines"][0], "price": 12.5, "name": None}
    events = [
        {**SALE, "lines": [SALE["lines"][0], price], "number": 7},
        SALE,
        {"type": "sale.imagined", "at": "2024-03-30T10:00:00Z"},
        {"type": "good.removed", "at": "yesterday"},
    ]
    checked = check(body(*events))
    assert checked.valid == 1
    assert checked.faults[:-1] == [
        Fault("events[0].number", "not_a_text"),
        Fault("events[0].lines[1].name", "not_a_text"),
        Fault("events[0].lines[1].price", "amount_without_quotes", {"value": "12.5"}),
        Fault("events[2].type", "not_one_of", checked.faults[3].values),
        Fault("events[3].at", "not_a_moment"),
    ]
    assert checked.faults[-1] == Fault("events[3]", "missing", {"field": "good_id"})
    assert "sale.registered" in checked.faults[3].values["known"]


@pytest.mark.parametrize(("value", "at"), INVALID, ids=range(len(INVALID)))
def test_the_first_is_where_the_upload_is_refused(value: bytes, at: str) -> None:
    """`check` names the place that a refusal names."""
    assert check(value).faults[0].at == at


@given(mutated(json.loads(body(SALE))).map(msgspec.json.encode) | mutated_bytes(body(SALE)))
def test_faults_are_found_where_the_decoder_finds_any(value: bytes) -> None:
    """A batch has faults exactly where it would be refused."""
    try:
        checked = check(value)
    except UploadRefused:  # no JSON, say
        with pytest.raises(UploadRefused):
            parse(value)
        return
    try:
        parse(value)
    except UploadRefused:
        assert checked.faults
    else:
        assert not checked.faults
    assert all(words.of_fault(fault, english) for fault in checked.faults for english in (False, True))


def test_what_is_wrong_a_million_times_is_told_a_thousand_times() -> None:
    """An upload of nothing but faults takes little memory."""
    upload = {"run": "x", "first_seq": 0, "events": [{**SALE, "lines": [1] * 100_000}]}
    found = faults(upload, Upload)
    assert len(found) == FAULTS_MAX + 1
    assert found[-1].code == "too_many"


def test_words_hold_no_regular_expression_and_name_what_they_need() -> None:
    """Every fault has words in both languages, made for a shopkeeper."""
    for russian, english in words.FAULTS.values():
        assert "^" not in russian + english
        assert "\\" not in russian + english
    documents = [
        json.loads(msgspec.json.encode({"run": "x", "first_seq": first, "events": []})) for first in (0, 2**60)
    ]
    assert all(words.of_fault(fault, True) for document in documents for fault in faults(document, Upload))


@pytest.mark.parametrize(
    ("header", "english"),
    [(None, False), ("", False), ("en", True), ("en-US,en;q=0.9", True), ("ru,en;q=0.9", False), ("de", False)]
    + [("ru;q=0.1, en;q=0.2", True), ("en;q=x", False)],
)
def test_russian_unless_english_is_wanted_more(header: str | None, english: bool) -> None:
    """By `Accept-Language`; Russian where it says nothing of the two."""
    assert words.english(header) is english
