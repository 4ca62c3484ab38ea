"""The Russian texts are complete."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

WEBAPP = Path(__file__).parents[2] / "webapp"
_JINJA = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}


def _forms(message: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    if message is None or isinstance(message, str):
        return (message or "",)
    return tuple(message)


def messages() -> Iterator[tuple[str, ...]]:
    """Every text of the templates and of the code, as (singular,) or (singular, plural)."""
    for path in sorted(WEBAPP.rglob("*.html")):
        for _, message, _, _ in extract_from_file("jinja2.ext:babel_extract", path, options=_JINJA):
            yield _forms(message)
    for path in [*sorted(WEBAPP.rglob("*.py")), *sorted((WEBAPP.parent / "notices").rglob("*.py"))]:
        for _, message, _, _ in extract_from_file("python", path):
            yield _forms(message)


def catalogue() -> dict[str, tuple[str, ...]]:
    found = {}
    for path in sorted((WEBAPP / "locale" / "ru" / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="ru"):
                key = message.id if isinstance(message.id, str) else message.id[0]
                found[key] = _forms(message.string)
    return found


def test_everything_is_said_in_russian() -> None:
    """Each text has its Russian one, in all three plural forms where it counts something."""
    russian = catalogue()
    missing = {
        message
        for message in messages()
        if not all(russian.get(message[0], ("",))) or (len(message) > 1 and len(russian.get(message[0], ())) != 3)
    }
    assert not missing


def test_a_text_is_said_once() -> None:
    """No text stands in two catalogues: it was «Аккаунт» in one and «Учётная запись» in the other."""
    said: list[str] = []
    for path in sorted((WEBAPP / "locale" / "ru" / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            said += [str(message.id) for message in read_po(file, locale="ru") if message.id]
    assert not {text for text in said if said.count(text) > 1}


def test_placeholders() -> None:
    """A Russian text fills in nothing that its English one does not."""
    for english, texts in catalogue().items():
        for text in texts:
            assert set(_fields(text)) <= set(_fields(english)), english


def _fields(text: str) -> list[str]:
    if "%(" not in text:
        return []
    pieces = text.split("%(")[1:]
    return [piece.partition(")")[0] for piece in pieces]


@pytest.mark.parametrize(("count", "text"), [(1, "1 продажа"), (3, "3 продажи"), (11, "11 продаж"), (21, "21 продажа")])
def test_plurals(count: int, text: str) -> None:
    """Russian has three plurals."""
    from webapp.translation import translations

    said = translations("ru").ngettext("%(count)s sale", "%(count)s sales", count)
    assert said % {"count": count} == text
