"""«Фамилия И.О.»: what is kept of a person's name.

Pure and idempotent: `shorten(shorten(name)) == shorten(name)`, so a name is short exactly when shortening leaves it be.
The first word is taken for the surname, as Russian tills write it, unless a patronymic or initials show otherwise.
This is minimisation, not anonymity: a surname with initials still points at a person.
"""

from __future__ import annotations

import re
import unicodedata

from schemas.private import EMAIL, PHONE

_ORGANISATION = frozenset(
    "ооо оао зао пао ао нао нко гуп муп фгуп фгбу гбу мбоу мбу мку тсж тсн снт кфх чоу ано тоо оод чп уп одо "
    "llc ltd inc gmbh corp co plc ag sa".split()
)
_SOLE_TRADER = frozenset({"ип", "самозанятый", "самозанятая"})
_PARTICLE = frozenset(
    "де ди да дю ла ле фон ван дер ден аль эль бен ибн de di da du la le von van der den al el bin ibn".split()
)
_SUFFIX = frozenset("оглы оглу кызы кызи улы уулу мл ст jr sr ii iii".split())
_PATRONYMIC = re.compile(r"(?:вич|вна|ична|инична|ьич)\Z", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?\.?|[^\W\d_]")
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_QUOTED = re.compile(r"[«\"“„][^«»\"“”„]+[»\"”“]")
_SPACED_HYPHEN = re.compile(r"\s*[-‐‑–—]\s*")
_APOSTROPHES = "'’ʼ`"


def shorten(name: str) -> str:
    """A name of any shape as «Фамилия И.О.»; an organisation keeps its name; "" where no name is left."""
    text = unicodedata.normalize("NFC", name)
    text = PHONE.sub(" ", EMAIL.sub(" ", text))
    words = text.split()
    if words and _bare(words[0]) in _ORGANISATION:
        return " ".join(words)
    if words and _bare(words[0]) in _SOLE_TRADER and len(words) > 1:
        person = _person(" ".join(words[1:]))
        return f"{words[0]} {person}" if person else ""
    if _QUOTED.fullmatch(" ".join(words)):
        return " ".join(words)
    return _person(text)


def _person(text: str) -> str:
    text = _SPACED_HYPHEN.sub("-", _IN_BRACKETS.sub(" ", text))
    words = [word for part in re.split(r"[\s,;:/\\|]+", text) if (word := _name_word(part))]
    words = [word for i, word in enumerate(words) if i == 0 or _bare(word) not in _SUFFIX or _INITIALS.fullmatch(word)]
    if not words:
        return ""
    surname, given = _split(words)
    initials = _initials(given)
    surname = surname[0].upper() + surname[1:]
    return f"{surname} {''.join(letter + '.' for letter in initials)}" if initials else surname


def _name_word(part: str) -> str:
    """The letters, hyphens, apostrophes and initials' full stops of a word; "" for one that is no name."""
    kept = "".join(c for c in part if c.isalpha() or unicodedata.combining(c) or c in "-." or c in _APOSTROPHES)
    kept = kept.strip("-" + _APOSTROPHES).lstrip(".")
    if not any(c.isalpha() for c in kept):
        return ""
    return kept if _INITIALS.fullmatch(kept) else _unglued(kept)


def _unglued(word: str) -> str:
    """'Иванов.' is 'Иванов'; 'Иванов.И' keeps its stop as it is split by `_split`."""
    return word.rstrip(".")


def _split(words: list[str]) -> tuple[str, list[str]]:
    """The surname and the given names or initials, in their order."""
    if "." in words[0] and not _INITIALS.fullmatch(words[0]):  # 'Иванов.И.О'
        head, *rest = [piece for piece in words[0].split(".") if piece]
        words = [head, *rest, *words[1:]]
    if _INITIALS.fullmatch(words[0]) and len(words) > 1:  # 'И.О. Иванов', 'И. О. Иванов'
        for i, word in enumerate(words):
            if not _INITIALS.fullmatch(word):
                return word, [*words[:i], *words[i + 1 :]]
        return words[0].replace(".", ""), words[1:]
    if len(words) == 3 and _PATRONYMIC.search(words[1]) and not _PATRONYMIC.search(words[2]) and "." not in words[2]:
        if len(words[2]) > 1:  # 'Иван Иванович Иванов'
            return words[2], words[:2]
    start = 0
    while start < len(words) - 1 and words[start].lower() in _PARTICLE and words[start].islower():
        start += 1
    return " ".join(words[: start + 1]), words[start + 1 :]


def _initials(given: list[str]) -> list[str]:
    letters: list[str] = []
    for word in given:
        pieces = word.split(".") if "." in word else [word]
        letters += [piece.strip("-" + _APOSTROPHES)[:1].upper() for piece in pieces if piece.strip("-" + _APOSTROPHES)]
    return letters[:2]


def _bare(word: str) -> str:
    return word.strip("«»\"'.,()").lower()
