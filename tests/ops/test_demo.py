"""What the demo tells the person who started it."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from ops.terminal.letters import Letters


def test_letters_are_shown_once_with_their_links(tmp_path: Path) -> None:
    """A letter written as a file is told with its address, subject, link and place; the next look shows new ones."""
    letters = Letters(tmp_path / "mail")
    assert letters.new() == []
    (tmp_path / "mail").mkdir()
    for number in range(2):
        message = EmailMessage()
        message["To"], message["Subject"] = f"{number}@shop.example", f"Подтвердите адрес {number}"
        message.set_content(f"Здравствуйте!\n\nhttp://127.0.0.1:8080/confirm/secret{number}\n\nДо встречи")
        file = tmp_path / "mail" / f"{number}.eml"
        file.write_bytes(message.as_bytes())
        [said] = letters.new()
        for text in (f"{number}@shop.example", f"Подтвердите адрес {number}", f"confirm/secret{number}", str(file)):
            assert text in said
        assert said.count("http://") == 1
