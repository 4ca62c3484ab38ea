"""What the till's commands say of lines in event files: in Russian where the machine speaks it, else in English.

What is wrong inside an event is said by `producers.gateway.words`, here or in the service.
"""

from __future__ import annotations

import locale
from collections.abc import Mapping

_UNFIT: dict[str, tuple[str, str]] = {
    "not_utf8": (
        "не в кодировке UTF-8, начиная с байта {byte}: сохраните файл в UTF-8",
        "not in UTF-8 from byte {byte} on: save the file in UTF-8",
    ),
    "not_json": (
        "не читается как JSON, начиная со знака {character}",
        "it can't be read as JSON from character {character} on",
    ),
    "no_number": ("в числе слишком много цифр, или это не число", "a number has too many digits, or is none"),
    "no_object": ("событие — это объект в фигурных скобках", "an event is an object in braces"),
    "half_a_character": ("в тексте половина знака (\\ud800…)", "a text holds half a character (\\ud800…)"),
    "too_deep": ("слишком глубокая вложенность", "it is nested too deep"),
    "too_long": ("длиннее {most} МиБ", "it is longer than {most} MiB"),
    "no_form": ("не записывается в JSON: {problem}", "the event can't be written as JSON: {problem}"),
}


def unfit(code: str, values: Mapping[str, object], in_english: bool) -> str:
    """Why a line or an event can't be taken at all."""
    return _UNFIT[code][in_english].format(**values)


def language(environment: Mapping[str, str]) -> str:
    """ "ru" where the environment asks for Russian, or, where it asks for nothing, the system does; else "en"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if wish := environment.get(name):
            return "ru" if wish.lower().startswith("ru") else "en"
    return "ru" if (locale.getlocale()[0] or "").lower().startswith("ru") else "en"
