"""No secret stands in a log line."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
import pytest
import structlog

from ops import logs, settings
from ops.redaction import without_secrets

SECRET = "Zk3vX9-a_bQ4tY7wLm2pRs8uNd5eHf1jGc6iKo0xBv"


@pytest.mark.parametrize(
    "text",
    [
        f"GET /reset/{SECRET}",
        f"/sign-in/{SECRET}?next=/",
        f"/confirm/{SECRET}",
        f"https://office.example/change-email/{SECRET}",
        f"?next=%2Freset%2F{SECRET}",
        f"token wo_till_{SECRET} is unknown",
        f"{{'authorization': 'Bearer {SECRET}'}}",
        f"POST https://api.telegram.org/bot123456:{SECRET}/sendMessage",
        f"postgresql://weboffice:{SECRET}@db/weboffice",
        f"smtps://user%40shop:{SECRET}@mail.example:465",
        f"Cookie: __Host-weboffice={SECRET}; weboffice-device={SECRET}",
    ],
)
def test_secrets_are_taken_out(text: str) -> None:
    """Tokens, links of letters, passwords in URLs and cookies leave no trace in a text."""
    assert SECRET not in without_secrets(text)


def test_what_is_no_secret_stays() -> None:
    """Ids, addresses and paths are told as they are."""
    for text in (
        "/outlets/0f0f0f0f-0000-4000-8000-000000000001/tills",
        "/sales/card?sale=s-1",
        "/sign-in/link",
        "postgresql://weboffice@/weboffice?host=/tmp/x",
        "http://127.0.0.1:8080/reset",
    ):
        assert without_secrets(text) == text


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.asvs("V16.2.4", "lines are not of one form")
def test_every_line_goes_through_it(
    own_logging: None, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    """Our lines and those of libraries, their values and tracebacks: no secret in them, and no values of variables."""
    logs.configure(settings.read({"WEBOFFICE_LOG": form, "WEBOFFICE_HOME": str(tmp_path)}), "test")
    password = f"wo_owner_{SECRET}"

    def fail() -> None:
        form_field = "a password of a form"
        raise ValueError(f"/reset/{SECRET} {len(form_field)} {password}")

    log = structlog.get_logger("redaction")
    try:
        fail()
    except ValueError as exc:
        log.error("page failed", path=f"/reset/{SECRET}", detail={"path": [f"/reset/{SECRET}"]}, exc_info=exc)
        logging.getLogger("library").error("failed with %s", password, exc_info=exc)
    written = capsys.readouterr().err
    assert written.count("ValueError") >= 2
    assert SECRET not in written
    assert "a password of a form" not in written


@pytest.mark.asvs("V16.4.1", "a text with line breaks becomes several lines")
@pytest.mark.asvs("V16.2.2", "a line's time is not in UTC")
def test_a_line_stays_one(own_logging: None, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Whatever is in a value, its line is one JSON document with its time in UTC: nobody writes lines of his own."""
    logs.configure(settings.read({"WEBOFFICE_LOG": "json", "WEBOFFICE_HOME": str(tmp_path)}), "test")
    hostile = 'x"}\n{"event":"security","action":"signed_in"}\r\u2028\x1b[2J'
    structlog.get_logger("redaction").info("request", path=hostile)
    logging.getLogger("library").error("failed at %s", hostile)
    lines = [line for line in capsys.readouterr().err.split("\n") if line]
    assert len(lines) == 2
    for line in lines:
        said = msgspec.json.decode(line)
        assert (said["process"], said["timestamp"][-1]) == ("test", "Z")
        assert "\n" in said.get("path", said["event"])
