"""Contact data is found in texts and dropped from documents; numbers of goods are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given

from schemas.private import PRIVATE_FIELDS, contact_data, scrubbed, without_private_fields
from tests.schemas.strategies import wire_events
from tests.schemas.values import texts


@pytest.mark.parametrize(
    "found",
    [
        "ivan@example.com",
        "ivan.petrov+shop@mail.example.co.uk",
        "иван@пример.рф",
        "+79000000000",
        "+7 900 000-00-00",
        "+7 (900) 000 00 00",
        "89000000000",
        "8 (900) 000-00-00",
        "8-900-000-00-00",
        "7 900 000 00 00",
    ],
)
def test_contact_data_is_found_in_any_text(found: str) -> None:
    """E-mail addresses and Russian phone numbers are found and taken out, whatever stands around them."""
    for text in (found, f"звонить {found}, спросить", f"({found})", f"тел.:{found};"):
        assert contact_data(text)
        left = scrubbed(text)
        assert not contact_data(left)
        assert found not in left


@pytest.mark.parametrize(
    "kept",
    [
        "4600000000017",
        "123456789",
        "Чай 100 г",
        "10.000.000",
        "8 шт",
        "2024-03-30",
        "г. Москва, 8",
        "артикул 890000000001",
    ],
)
def test_numbers_of_goods_are_left_alone(kept: str) -> None:
    """Barcodes, article numbers, dates and amounts are no phone numbers."""
    assert scrubbed(kept) == kept


@given(texts)
def test_scrubbing_once_is_enough(text: str) -> None:
    """What was scrubbed holds no contact data and stays as it is."""
    assert contact_data(scrubbed(text)) == []
    assert scrubbed(scrubbed(text)) == scrubbed(text)


@given(wire_events())
def test_a_document_without_private_fields_is_left_alone(event: object) -> None:
    """Only the listed fields are dropped."""
    assert without_private_fields(event) == event


def test_private_fields_go_at_any_depth_and_letter_case() -> None:
    """Each listed name is dropped wherever it stands."""
    document: dict[str, object] = {"kept": [{"kept": 1, name.upper(): {"x": 1}} for name in PRIVATE_FIELDS], "TEL": 1}
    assert without_private_fields(document) == {"kept": [{"kept": 1}] * len(PRIVATE_FIELDS)}
