"""Takes secrets out of log lines, whoever wrote them: tokens, secrets in addresses and in URLs of servers."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

_SECRETS = re.compile(
    r"(wo_(?:till|owner)_)[A-Za-z0-9_-]+"
    r"|((?:/|%2[fF])(?:sign-in|reset|confirm|change-email|exports|invitations|not-me)(?:/|%2[fF]))[A-Za-z0-9_-]{16,}"
    r"|(/bot)\d+:[A-Za-z0-9_-]+"
    r"|([a-z]+://[^/\s:@]*:)[^/\s@]+(?=@)"
    r"|(Bearer )[^\s\"',]+"
    r"|((?:__Host-)?weboffice(?:-\w+)?=)[A-Za-z0-9_-]{16,}",
)


def without_secrets(text: str) -> str:
    """The text with … in place of each secret."""
    return _SECRETS.sub(lambda found: f"{found[found.lastindex or 0]}…", text)


def redact(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A step of logging, last before a line is written: tracebacks are texts by then."""
    for name, value in line.items():
        if type(value) is str:
            if "/" in value or "_" in value or "=" in value or "Bearer" in value:
                line[name] = without_secrets(value)
        elif not isinstance(value, (int, float, bool, type(None))):
            text = str(value)
            if (clean := without_secrets(text)) != text:
                line[name] = clean
    return line
