"""What must not be guessed: it is asked, and the answers are kept in a map that can be given again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from schemas.errors import UsageError


class Question(UsageError):
    """Something that can be read in two ways. `key` is its place in the map, `choices` what may stand there, `about`
    what it is about, as it stands in the source."""

    def __init__(self, key: str, text: str, choices: Sequence[str] = (), about: str = "") -> None:
        self.key, self.text, self.choices, self.about = key, text, choices, about
        example = json.dumps(nested(key, choices[0] if choices else "…"), ensure_ascii=False)
        others = f" (or {', '.join(json.dumps(choice, ensure_ascii=False) for choice in choices[1:])})"
        super().__init__(
            f"{text} Put {example}{others if choices[1:] else ''} into a file of JSON and give it as --map FILE"
        )


class Answers:
    """The map: answers by key. A key with a point in it, such as `outlets.7700000000`, is a field of an object."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self.values: dict[str, Any] = json.loads(json.dumps(values or {}))

    def get(self, key: str) -> Any:
        """What the map says; None where it says nothing."""
        section, _, name = key.partition(".")
        value = self.values.get(section)
        return value.get(name) if name and isinstance(value, dict) else None if name else value

    def put(self, key: str, value: Any) -> None:
        section, _, name = key.partition(".")
        if name:
            self.values.setdefault(section, {})[name] = value
        else:
            self.values[section] = value

    def choice(self, key: str, text: str, choices: Sequence[str], about: str = "") -> str:
        """The answer, one of `choices`. Raises `Question` where the map has none."""
        answer = self.get(key)
        if answer is None:
            raise Question(key, text, choices, about)
        if answer not in choices:
            raise UsageError(f"the map says {answer!r} for {key!r}; it may be one of {', '.join(map(repr, choices))}")
        return str(answer)

    def section(self, key: str) -> dict[str, Any]:
        """An object of the map; empty where it has none. Raises `UsageError` where it is something else."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise UsageError(f"{key!r} of the map is an object")
        return value


def nested(key: str, value: Any) -> dict[str, Any]:
    """The map that holds this answer alone."""
    section, _, name = key.partition(".")
    return {section: {name: value}} if name else {section: value}


def read(path: Path) -> Answers:
    """The map in a file; one that is not there yet is empty. Raises `UsageError`."""
    try:
        values = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    except (OSError, msgspec.MsgspecError) as exc:
        raise UsageError(f"the map {path.name} can't be read: {exc}") from exc
    if not isinstance(values, dict):
        raise UsageError(f"the map {path.name} is not an object of JSON")
    return Answers(values)


def write(path: Path, answers: Answers) -> None:
    """Keep the answers for the next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(answers.values)) + b"\n")
    except OSError as exc:
        raise UsageError(f"the map {path.name} can't be written: {exc.strerror}") from exc
