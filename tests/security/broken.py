"""What ten markers name, broken on purpose: in a copy of the sources with all of it in, each marker's test must fail.

`tests/security/test_broken.py` tries them in every run of the suite. They break different things, and a test beside
them that needs none of it has to pass.
"""

from __future__ import annotations

from msgspec import Struct


class Break(Struct, frozen=True):
    """`requirement` as the marker of `test` has it. In `file`, `old`, which stands there once, becomes `new`."""

    requirement: str
    test: str
    file: str
    old: str
    new: str


_ACCOUNTS = "tests/webapp/accounts"
_PASSWORDS = "webapp/accounts/passwords.py"
_SECURITY = "tests/webapp/test_security.py"

BROKEN = [
    Break(
        "V6.2.4",
        f"{_ACCOUNTS}/test_passwords.py::test_the_list_is_a_real_one",
        _PASSWORDS,
        ".read_text().split())",
        ".read_text().split()[:100])",
    ),
    Break(
        "V6.2.11",
        f"{_ACCOUNTS}/test_passwords.py::test_the_address_is_no_password",
        _PASSWORDS,
        'return "own" if own & {plain, word} else None',
        "return None",
    ),
    Break(
        "V6.2.8",
        f"{_ACCOUNTS}/test_passwords.py::test_long_passwords_are_not_cut",
        _PASSWORDS,
        "_off_loop(_hasher.hash, password)",
        "_off_loop(_hasher.hash, password[:64])",
    ),
    Break(
        "V6.2.1",
        f"{_ACCOUNTS}/test_registration.py::test_bad_addresses_and_weak_passwords_are_named",
        _PASSWORDS,
        "SHORTEST, LONGEST = 8, 1024",
        "SHORTEST, LONGEST = 7, 1024",
    ),
    Break(
        "V7.3.2",
        f"{_ACCOUNTS}/test_sign_in.py::test_sessions_end_by_age_and_by_idleness",
        "webapp/accounts/sessions.sql",
        "AND s.expires_at > now() AND s.seen_at > now() - %(idle)s",
        "AND s.seen_at > now() - %(idle)s",
    ),
    Break(
        "V3.7.2",
        "tests/webapp/test_redirects.py::test_a_form_leads_to_pages_of_ours_alone",
        "webapp/redirects.py",
        "return target if ours else HOME",
        "return target",
    ),
    Break(
        "V3.5.1",
        f"{_SECURITY}::test_another_sites_form_is_refused",
        "webapp/security.py",
        "        Middleware(CrossSiteRefusal, public_url=site.public_url),\n",
        "",
    ),
    Break(
        "V3.4.5",
        f"{_SECURITY}::test_every_page_says_what_browsers_may_do",
        "webapp/security.py",
        '    "Referrer-Policy": "same-origin",\n',
        "",
    ),
    Break(
        "V2.3.2",
        "tests/webapp/test_rates.py::test_an_account_has_bounds",
        "webapp/bounds.py",
        "if row[0] >= MOST[what]:",
        "if row[0] < 0:",
    ),
    Break(
        "V2.4.1",
        "tests/webapp/test_rates.py::test_calls_of_an_account_have_a_rate",
        "webapp/readapi/access.py",
        "if seconds := _rate.wait_seconds(holder.account_id, time.monotonic()):",
        "if seconds := 0:",
    ),
    Break(
        "V13.2.1",
        "tests/webapp/licences/test_licences.py::test_a_notice_that_is_not_the_providers_is_refused",
        "webapp/licences/provider.py",
        "            raise SignatureRefused\n        try:",
        "            pass\n        try:",
    ),
]
UNTOUCHED = f"{_ACCOUNTS}/test_sign_in.py::test_only_digests_are_kept"
"""A test that needs nothing of what is broken: else all would fail for a reason that nobody meant."""
