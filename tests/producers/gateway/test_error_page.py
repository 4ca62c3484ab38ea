"""The page of error codes says what the gateway answers."""

from __future__ import annotations

import re
from pathlib import Path

from producers.gateway.errorpage import PAGE, STATUSES, page
from producers.gateway.words import FAULTS, REFUSALS

ROOT = Path(__file__).parents[3]


def test_the_page_is_what_the_catalogue_says() -> None:
    """docs/errors.md is what the code generates (else `make schemas`), with every code of the catalogue."""
    assert PAGE.read_text() == page()
    assert all(f"| `{code}` |" in page() for code in (*REFUSALS, *FAULTS))


def test_each_code_comes_with_the_status_that_the_page_says() -> None:
    """Every refusal in the code has a line on the page, with its own status, and every line is about one."""
    sources = [path for folder in ("producers/gateway", "schemas") for path in (ROOT / folder).glob("*.py")]
    text = "\n".join(path.read_text() for path in sources if path.name != "errorpage.py")
    pairs = set(re.findall(r"(?:UploadRefused|Refusal|try_again)\(\s*(\d{3}),\s*\"(\w+)\"", text))
    assert {(status, code) for status, code in pairs if status != "200"} == {
        (str(status), code) for code, status in STATUSES.items() if code != "unknown_token"
    }
    assert '"unknown_token"' in text
    assert STATUSES.keys() == REFUSALS.keys()
