"""Who stood at the till, as kept: «Фамилия И.О.», or nobody.

Tills put jobs in front of a cashier's name, or write a job, a device or a number where a name should be. Jobs go, and
what names no person is no cashier. Pure and idempotent, like `schemas.names`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from schemas.names import shorten
from schemas.organisations import bare

_JOBS = frozenset(
    "кассир кассирша касир контролер операционист оператор продавец продавщица консультант администратор админ "
    "менеджер директор управляющий управляющая заведующий заведующая владелец владелица хозяин хозяйка бармен бариста "
    "официант официантка товаровед бухгалтер бух стажер ученик сотрудник сотрудница работник пользователь "
    "старший старшая ст главный главная гл младший младшая мл сис системный зам зав заместитель "
    "кассиршi кассірші сатушы әкімші sotuvchi kassir "
    "cashier seller manager admin administrator operator owner user senior staff employee clerk".split()
)
_DEVICES = frozenset(
    "касса кассы каса самообслуживания самообслуживание терминал киоск автомат робот система онлайн online "
    "интернет интернет-магазин магазин сайт бот тест test "
    "self service checkout kiosk terminal pos system web bot".split()
)
_PARTED = re.compile(r"[\s,;:/|№#]+")
_PASSES = 4
_MACHINE_ID = re.compile(r"\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?|[0-9a-f]{16,}", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def shorten_cashier(text: str) -> str | None:
    """A cashier's name of any shape as «Фамилия И.О.»; None where it names nobody."""
    for _ in range(_PASSES):
        short = _shorten_once(text)
        if short == text:
            return short or None
        text = short
    return None  # does not come to rest: no name that anybody writes


def _shorten_once(text: str) -> str:
    words = [word for word in _PARTED.split(_MACHINE_ID.sub(" ", text)) if word]
    while words and _names_nobody(words[0]):
        words.pop(0)
    while words and _names_nobody(words[-1]):
        words.pop()
    return shorten(" ".join(words))


def _names_nobody(word: str) -> bool:
    """A job, a device, a number, or several of them joined: 'кассир-операционист', 'ст.кассир', 'Касса1'."""
    parts = re.split(r"[-.\d]+", bare(word).replace("ё", "е"))
    return all(part == "" or part in _JOBS or part in _DEVICES for part in parts)
