"""What docs/security.md says is what the code does: each figure and each row of it is compared."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from producers.importers import files
from tests.security.asvs import DOCUMENT
from webapp import actions, forms, keyfiles
from webapp.accounts import devices, limits, links, passwords, second_factor, sessions
from webapp.accounts.journal_page import ACTIONS
from webapp.bounds import MOST

TEXT = DOCUMENT.read_text()


def _section(title: str) -> str:
    found = TEXT.split(f"## {title}\n")
    assert len(found) == 2, title
    return found[1].split("\n## ")[0]


def _days(span: timedelta) -> str:
    return f"{span.days} days"


@pytest.mark.asvs("V8.1.1", "the table says of a role what `actions.py` does not")
@pytest.mark.asvs("V8.1.2", "nothing says who may see costs")
def test_who_may_do_what() -> None:
    """A row for each action, a yes for each role that may; who sees costs."""
    section = _section("Who may do what")
    said = {
        action: [cell.strip() == "yes" for cell in cells.split("|")[:4]]
        for action, cells in re.findall(r"^\| `(\w+)` \|[^|]+\|(.*)\|$", section, re.MULTILINE)
    }
    roles = ("owner", "manager", "accountant", "seller")
    done = {action: [role in may for role in roles] for action, may in actions._ROLES.items() if action != "anybody"}
    assert said == done
    assert "`sees_costs`" in section


@pytest.mark.asvs("V2.1.1", "a bound of what is taken in has another figure than the document")
@pytest.mark.asvs("V2.1.2", "nothing says what data is compared with what")
@pytest.mark.asvs("V5.1.1", "files may be larger than the document says")
def test_what_is_taken_in() -> None:
    """Forms, uploads and files, with their bounds."""
    section = _section("What is taken in, and how much of it")
    mebibytes = [size // 2**20 for size in (files.FILE_BYTES_MAX, files.UNPACKED_BYTES_MAX)]
    assert f"{mebibytes[0]} MiB, unpacked {mebibytes[1]} MiB, {files._MEMBERS_MAX:,} files in a zip" in section
    assert f"{forms.MAX_BYTES // 1024} KiB, {forms._MAX_FIELDS:,} fields, {forms._MAX_SECONDS:.0f} s" in section
    assert "a receipt's lines, discount, payments and total" in section


@pytest.mark.asvs("V2.1.3", "an account's bound has another figure than the document")
@pytest.mark.asvs("V6.1.1", "attempts are counted otherwise than the document says")
@pytest.mark.asvs("V6.1.2", "the service's own words are no common passwords")
@pytest.mark.asvs("V6.1.3", "a way in is not in the document")
@pytest.mark.asvs("V7.1.1", "sessions last longer than the document says")
@pytest.mark.asvs("V7.1.2", "nothing says how many sessions there may be")
def test_rules() -> None:
    """Ways in, passwords, attempts, sessions and an account's bounds."""
    section = _section("Rules")
    flat = re.sub(r"\s+", " ", section)
    assert f"{passwords.SHORTEST} to {passwords.LONGEST:,} characters" in flat
    one = limits.SIGN_IN
    assert f"{one.per_pair} on an account from one network address, {one.per_address} from that on any account" in flat
    assert f"{one.per_email} on an account from all" in flat
    letters = limits.LETTER
    assert f"{letters.per_pair}, {letters.per_address} and {letters.per_email}" in flat
    assert f"after {_days(sessions.IDLE)} without a page, after {_days(sessions.LIFETIME)}" in flat
    assert "any number at a time" in flat
    assert f"{links.LIFETIME['sign_in'].seconds // 60} minutes, once" in flat
    assert f"{MOST['outlets']:,} outlets, {MOST['tills']} tills each, {MOST['till_tokens']} tokens a till" in flat
    assert second_factor.RECOVERY_CODES == 10
    assert "one of ten recovery codes" in flat
    assert {"веб-офис", "weboffice"} & set(passwords._COMMON)
    assert {"e-mail and password", "a link in a letter"} <= set(
        re.findall(r"e-mail and password|a link in a letter", flat)
    )


@pytest.mark.asvs("V11.1.1", "a key's life or its holder is told wrongly")
@pytest.mark.asvs("V11.1.2", "a key or an algorithm is not in the table")
@pytest.mark.asvs("V11.2.3", "a secret has less than 120 bits, a key less than 256")
def test_keys_and_algorithms() -> None:
    """Each key with its algorithm, its place and its end."""
    section = _section("Keys, algorithms, secrets")
    assert f"AES-{keyfiles.BYTES * 8}-GCM" in section
    bits = second_factor._CODE_LENGTH * 5
    assert bits == 120
    assert f"SHA-256 of {bits} random bits" in section
    assert f"{_days(sessions.LIFETIME)}; 15 minutes to 7 days; 366 days; {_days(devices.LIFETIME)}" in section
    assert (min(links.LIFETIME.values()), max(links.LIFETIME.values())) == (timedelta(minutes=10), timedelta(days=7))
    assert "`WEBOFFICE_PAYMENT_SECRET`: we and the provider" in section


@pytest.mark.asvs("V13.1.1", "a server that is called is not in the document")
@pytest.mark.asvs("V14.1.1", "a class of data is missing")
@pytest.mark.asvs("V14.1.2", "a class does not say how it is protected")
@pytest.mark.asvs("V15.1.1", "nothing says within what time weaknesses of dependencies are mended")
@pytest.mark.asvs("V16.1.1", "the journal is kept for longer, or somewhere else, than the document says")
def test_data_servers_and_logs() -> None:
    """Classes of data, whom the service talks to, how soon dependencies are renewed, what is logged."""
    classes = re.findall(r"^\| (\w[\w ]+) \|[^|]+\|[^|]{8,}\|$", _section("Classes of data"), re.MULTILINE)
    assert classes[-4:] == ["secrets", "of people", "of a business", "public"]
    servers = _section("Whom the service talks to")
    assert all(name in servers for name in ("Kafka", "PostgreSQL", "SMTP", "gateway"))
    assert re.search(r"within 3 days, any other within 30", _section("Rules"))
    logged = _section("What is logged, and where")
    assert "180 days" in logged
    assert {"signed_in", "sign_in_failed", "locked_out", "refused", "foreign_refused", "exported"} <= ACTIONS.keys()
