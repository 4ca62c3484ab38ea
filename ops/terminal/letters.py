"""The letters that the service writes as files, their links being what a newcomer needs."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path


class Letters:
    """Looks into a folder of letters; each is told once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told: set[Path] = set()

    def new(self) -> list[str]:
        """Of each letter that is new: whom it is for, what about, its links and its file, a line each."""
        letters = []
        for path in sorted(set(self._folder.glob("*.eml")) - self._told):
            self._told.add(path)
            message = message_from_bytes(path.read_bytes(), policy=default)
            body = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
            links = re.findall(r"https?://\S+", str(body.get_content()) if body else "")
            letters.append("\n".join([f"Письмо для {message['To']}: {message['Subject']}", *links, f"({path})"]))
        return letters
