"""«Фамилия И.О.»: what is kept of a person's name.

Pure and idempotent: `shorten(shorten(name)) == shorten(name)`, so a name is short exactly when shortening leaves it be.
The first word is taken for the surname, as Russian tills write it, unless a patronymic, initials or common given
names show otherwise ('Ольга Иванова' is 'Иванова О.'). Titles in front ('д-р', 'Mrs') go. Not recognised, and
shortened as if the surname stood first: a rare or foreign given name in front ('John Smith' is 'John S.'), a given
name with a patronymic alone ('Мария Ивановна' is 'Мария И.'), an organisation without its legal form ('Кафе Ромашка'
is 'Кафе Р.'), words that are no name at all.
A name in Han, kana or Hangul, which has no spaces, keeps its first sign.
This is minimisation, not anonymity: a surname with initials still points at a person.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from schemas.given_names import is_given
from schemas.organisations import PATRONYMIC, bare, is_organisation, is_sole_trader, without_people
from schemas.private import EMAIL, PHONE

_PARTICLES = frozenset(
    "де ди да дю ла ле фон ван дер ден аль эль бен ибн de di da du la le von van der den al el bin ibn".split()
)
_SUFFIXES = frozenset(
    "оглы оглу оғлы оглї угли уғли ўғли оғли ogli oglu ogly ogli ugli o'g'li кызы кизи қизи қызы гызы qizi kizi kyzy "
    "улы ұлы уулу uulu uly мл jr sr ii iii".split()
)
_TITLES = frozenset(
    "д-р др доктор проф профессор акад академик г-н г-жа господин госпожа гр гр-н гр-ка гражданин гражданка тов "
    "товарищ mr mrs ms miss dr prof sir".split()
)
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_SPACED_HYPHEN = re.compile(r"(\w)\s+[-‐‑–]\s+(\w+\s+(\w+))")
_HYPHENS = re.compile(r"[-‐‑–—]+")
_SOLE_TRADER = re.compile(r"\bиндивидуальный\s+предприниматель\b|\bИП\s+глава\s+К\(?Ф\)?Х\b", re.IGNORECASE)
_APOSTROPHES = "'’ʼ`ʻ‘"
_LONE_SURNAME = re.compile(r"([^\W\d_])\s+(?=[^\W\d_]{2,}|[^\W\d_]\.)")
"""A surname of one letter has no dot after it: 'Ю Ирина Викторовна', 'Ю И.В.'"""
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_PASSES = 4
NAME_LENGTH = 500
"""Most characters of a name that is kept."""


@lru_cache(maxsize=10_000)  # a cashier's name stands on each of his receipts
def shorten(name: str) -> str:
    """A name of any shape as «Фамилия И.О.»; an organisation keeps its name; "" where no name is left."""
    for _ in range(_PASSES):
        short = _shorten_once(name)[:NAME_LENGTH].rstrip()
        if short == name:
            return short
        name = short
    return ""  # does not come to rest: no name that anybody writes


def is_short(name: str) -> bool:
    """Whether one full word at most is left of a name, by today's rules or by those of an earlier version."""
    if shorten(name) == name:
        return True
    words = [part for word in _words(name) for part in _separated(word)]
    return sum(not _is_initial(word) for word in words) <= 1


def _shorten_once(name: str) -> str:
    text = unicodedata.normalize("NFC", name)
    if "@" in text:
        text = EMAIL.sub(" ", text)
    words = _untitled(_SOLE_TRADER.sub("ИП", PHONE.sub(" ", text)).split())
    if is_organisation(words):
        return without_people(" ".join(words), _person)
    trade = [word for word in words if is_sole_trader(word)]
    person = _person(" ".join(word for word in words if not is_sole_trader(word)))
    return f"{bare(trade[0]).upper()} {person}" if trade and person else person


def _untitled(words: list[str]) -> list[str]:
    """Without titles in front: 'д-р Петров' is 'Петров'; a title alone stays."""
    while len(words) > 1 and bare(words[0]) in _TITLES and any(map(str.isalpha, words[1])):
        words = words[1:]
    return words


def _person(text: str) -> str:
    text = _SPACED_HYPHEN.sub(_joined, _IN_BRACKETS.sub(" ", text)).strip()
    if short := _with_lone_surname(text):
        return short
    words = [name for word in _words(text) for name in _separated(word)]
    words = [word for i, word in enumerate(words) if i == 0 or _plain(word) not in _SUFFIXES]
    if not words:
        return ""
    particles, surname, given = _parted(words)
    initials = "".join(f"{_initial(word)}." for word in given[:2])
    return " ".join(part for part in [*particles, _capitalised(surname), initials] if part)


def _with_lone_surname(text: str) -> str | None:
    """'Ю И.В.' from 'Ю Ирина Викторовна'; None where the letter is an initial."""
    surname = _LONE_SURNAME.match(text)
    if surname is None:
        return None
    rest = text[surname.end() :]
    given = [word for word in _words(rest) if _plain(word) not in _SUFFIXES]
    dotted = all(map(_is_initial, given)) and rest[1:2] == "."
    full = len(given) > 1 and not any(map(_is_initial, given))
    if not (dotted and given) and not full and not (len(given) == 1 and is_given(given[0])):
        return None
    return f"{_upper(surname[1])} " + "".join(f"{_initial(word)}." for word in given[:2])


def _plain(word: str) -> str:
    """A word to look up: in lower case, with one kind of apostrophe."""
    return re.sub(f"[{_APOSTROPHES}]", "'", word.lower())


def _joined(found: re.Match[str]) -> str:
    """'Римский - Корсаков Николай' is one surname, 'Иванов - Иван Иванович' a surname and a given name."""
    return f"{found[1]}{' ' if PATRONYMIC.search(found[3]) else '-'}{found[2]}"


def _words(text: str) -> list[str]:
    """Runs of letters (with their marks), hyphens and apostrophes; every other character parts words."""
    kept = "".join(
        c if c.isalpha() or unicodedata.category(c)[0] == "M" or c in _APOSTROPHES or _HYPHENS.match(c) else " "
        for c in text
    )
    words = (_HYPHENS.sub("-", word).strip("-" + _APOSTROPHES) for word in kept.split())
    return [word for word in words if any(map(_is_letter, word))]


def _separated(word: str) -> list[str]:
    """Full names written in one word: 'Иванов-Иван-Иванович', 'ИвановИван', '王小明'."""
    if _UNSPACED.match(word):
        return [word[0]]
    parts = word.split("-")
    named = any(is_given(part) or PATRONYMIC.search(part) for part in parts[1:])
    if named or (len(parts) > 2 and not _PARTICLES.intersection(word.lower().split("-"))):
        return [piece for part in parts if part for piece in _separated(part)]
    return _parted_by_case(word)


def _parted_by_case(word: str) -> list[str]:
    for i in range(2, len(word) - 1):
        if word[i - 1].islower() and word[i].isupper() and word[:i].lower() not in _PARTICLES | {"мак", "mac", "mc"}:
            return [word[:i], *_parted_by_case(word[i:])]
    return [word]


def _parted(words: list[str]) -> tuple[list[str], str, list[str]]:
    """The lower-case particles, the surname, and the given names or initials in their order."""
    full = [i for i, word in enumerate(words) if not _is_initial(word)]
    if not full:  # 'И.О.'
        return [], "", words
    first = full[0]
    if first > 0:  # 'И.О. Иванов'
        return [], words[first], [*words[:first], *words[first + 1 :]]
    if len(words) > 1 and len(full) == len(words) and _given_come_first(words):
        return [], words[-1], words[:-1]
    start = 0
    while start < len(words) - 1 and words[start].lower() in _PARTICLES and _is_particle(words, start):
        start += 1
    if _is_initial(words[start]):  # 'де И.': no surname follows the particle
        start = 0
    given = words[start + 1 :]
    if len(given) == 1 and re.fullmatch("[A-ZА-ЯЁ]{2}", given[0]) and not words[start].isupper():  # 'Иванов ИО'
        given = list(given[0])
    return [word.lower() for word in words[:start]], words[start], given


def _given_come_first(words: list[str]) -> bool:
    """'Иван Иванович Иванов', 'Ольга Иванова', but not 'Иванов Иван' or 'Иван Иванович'."""
    *before, last = words
    if PATRONYMIC.search(last) and not (len(before) > 1 and PATRONYMIC.search(before[-1])):
        return False
    if len(before) > 1 and PATRONYMIC.search(before[-1]):
        return True
    return not is_given(last) and all(is_given(word) for word in before)


def _is_particle(words: list[str], i: int) -> bool:
    """Lower-case ones are; a capital one may be a surname ('Ван'), unless a lower-case one follows ('Де ла Крус')."""
    return words[i].islower() or (words[i + 1].islower() and words[i + 1].lower() in _PARTICLES)


def _is_initial(word: str) -> bool:
    return sum(map(_is_letter, word)) == 1 or word.lower() == "дж"


def _initial(word: str) -> str:
    return _upper(next(c for c in word if _is_letter(c)))


def _upper(letter: str) -> str:
    """The capital letter; Georgian has capitals in Unicode alone, in no font and in no name."""
    if "ა" <= letter <= "ჿ":
        return letter
    capital = unicodedata.normalize("NFC", letter.upper())
    return next((c for c in capital if _is_letter(c)), letter)  # 'ŉ' is 'ʼN' in capitals


def _is_letter(c: str) -> bool:
    return c.isalpha() and c not in _APOSTROPHES


def _capitalised(surname: str) -> str:
    """'римский-корсаков' and 'РИМСКИЙ-КОРСАКОВ' as 'Римский-Корсаков'; mixed case stays as it was written."""
    if surname.islower() or (surname.isupper() and len(surname) > 1):
        return "-".join("".join([*map(_upper, part[:1]), part[1:].lower()]) for part in surname.split("-"))
    return surname
