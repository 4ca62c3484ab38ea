"""Organisations and sole traders among the names of contacts: their legal forms, and the people named inside them.

An organisation keeps its name, a person inside it does not: 'ООО Ромашка (Иванов Иван)' is 'ООО Ромашка (Иванов И.)'.
Known as an organisation is what begins or ends with a legal form. A person is noticed in a clause of his own (brackets,
commas, after 'ИП') by a common given name or a patronymic, elsewhere by a patronymic alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from schemas.given_names import is_given

_FORMS = frozenset(
    "ооо оао зао пао ао нао нко гуп муп фгуп фгбу гбу мбоу мбу мку тсж тсн снт чоу ано тоо оод уп одо "
    "llc ltd inc gmbh corp plc".split()
)
_SOLE_TRADERS = frozenset("ип чп флп фоп пбоюл кфх гкфх самозанятый самозанятая".split())
_PATRONYMIC = r"[^\W\d_]{2,}(?:вич|вна|ична|ьич|лыч|ұлы|қызы|кызы|гызы|оглы)"
PATRONYMIC = re.compile(rf"{_PATRONYMIC}\Z", re.IGNORECASE)
_WORD = r"[^\W\d_][\w'’.-]*"
_WITH_PATRONYMIC = re.compile(rf"(?P<surname>{_WORD}\s+)?{_WORD}\s+{_PATRONYMIC}\b(?P<last>\s+{_WORD})?", re.IGNORECASE)
_CLAUSES = re.compile(r"(\s*[()\[\]{},;/|]+\s*|\s+[-–—]\s+)")


def bare(word: str) -> str:
    """A word without the marks around it, in lower case."""
    return word.strip("«»\"'“”„.,()").lower()


def is_form(word: str) -> bool:
    """Whether a word is a legal form. 'Зао' or 'Пао' may be a surname, so only 'Ооо' is known in that letter case."""
    return bare(word) in _FORMS and (not word.istitle() or bare(word) in {"ооо", "llc", "ltd", "inc", "gmbh", "corp"})


def is_sole_trader(word: str) -> bool:
    return bare(word) in _SOLE_TRADERS


def is_organisation(words: list[str]) -> bool:
    """Whether the words of a name begin or end with a legal form."""
    return len(words) > 1 and (is_form(words[0]) or is_form(words[-1]))


def without_people(text: str, person: Callable[[str], str]) -> str:
    """An organisation's name in which every person noticed is shortened by `person`."""
    pieces = _CLAUSES.split(" ".join(text.split()))
    for i in range(0, len(pieces), 2):
        pieces[i] = _clause(pieces[i], person, in_brackets=i > 0 and any(c in "([{" for c in pieces[i - 1]))
    return "".join(pieces).strip()


def _clause(text: str, person: Callable[[str], str], in_brackets: bool) -> str:
    words = text.split()
    if trader := next((i for i, word in enumerate(words) if i and is_sole_trader(word)), 0):
        before, after = " ".join(words[:trader]), " ".join(words[trader:])
        return f"{_clause(before, person, in_brackets)} {_clause(after, person, in_brackets)}"
    start, end = 0, len(words)
    while start < end and (is_form(words[start]) or is_sole_trader(words[start])):
        start += 1
    while start < end and is_form(words[end - 1]):
        end -= 1
    name = words[start:end]
    if _is_person(name, start > 0 and is_sole_trader(words[start - 1]), in_brackets):
        kept = person(" ".join(name))
    else:
        kept = _WITH_PATRONYMIC.sub(lambda found: _named(found, person), " ".join(name))
    return " ".join([*words[:start], *([kept] if kept else []), *words[end:]])


def _is_person(words: list[str], after_sole_trader: bool, in_brackets: bool) -> bool:
    if len(words) < 2:
        return False
    if after_sole_trader or (in_brackets and all(word[:1].isupper() for word in words)):
        return True
    return len(words) <= 3 and all(word[:1].isalpha() for word in words) and any(is_given(bare(word)) for word in words)


def _named(found: re.Match[str], person: Callable[[str], str]) -> str:
    if found["surname"] and found["last"]:  # 'Иванов Иван Иванович директор': the last word is not his
        return person(found.group()[: found.start("last") - found.start()]) + found["last"]
    return person(found.group())
