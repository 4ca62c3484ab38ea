"""A cashier is a person: jobs in front go, and what names nobody is nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.cashiers import shorten_cashier


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Кассир Петрова Анна", "Петрова А."),
        ("Кассир Попова Алла", "Попова А."),
        ("Кассир: Петрова А.", "Петрова А."),
        ("Продавец-кассир Примеров Пример Примерович", "Примеров П.П."),
        ("Ст. кассир Петрова А.А.", "Петрова А.А."),
        ("Петрова Анна (кассир)", "Петрова А."),
        ("Петрова Анна, кассир", "Петрова А."),
        ("Касса 2 Петрова Анна", "Петрова А."),
        ("Директор Зао Ли", "Зао Л."),
        ("Гладкий Пётр", "Гладкий П."),  # begins like 'гл.', and is a surname
        ("ИП Петров Пётр", "ИП Петров П."),
        ("Сатушы Әбдірахманов Нұрлан", "Әбдірахманов Н."),
        ("Senior cashier John Smith", "John S."),
        ("Касса самообслуживания", None),
        ("КАССА №1", None),
        ("СИС. АДМИНИСТРАТОР", None),
        ("Системный администратор", None),
        ("кассир-операционист", None),
        ("Кассир1", None),
        ("00000000-0000-4000-8000-000000000001", None),
        ("0123456789abcdef0123456789abcdef", None),
        ("Кассир 00000000-0000-4000-8000-000000000001", None),
        ("Self-service checkout", None),
        ("12", None),
        ("", None),
    ],
)
def test_jobs_go_and_devices_are_nobody(text: str, kept: str | None) -> None:
    """Of each shape of cashier the person is left, or nobody; and what is left stays as it is."""
    assert shorten_cashier(text) == kept
    assert kept is None or shorten_cashier(kept) == kept


@given(
    st.text() | st.lists(st.sampled_from("Кассир ст. Петрова Анна И. касса - 1 № терминал ИП".split())).map(" ".join)
)
def test_idempotent(text: str) -> None:
    """Shortening what is short changes nothing, whatever the text was."""
    kept = shorten_cashier(text)
    assert kept is None or shorten_cashier(kept) == kept
