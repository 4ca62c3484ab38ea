"""A home of the version before goes on under this one: figures, kept reports, tokens, holes."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from ops import running as running_file
from ops import settings as service_settings
from ops.provisioning import create_sign_in_link
from tests.service import Service, running, wait_until
from webapp.pages import PAGES

CARDS = ("/sales/card", "/goods/card", "/shifts/card", "/contacts/card")
_DATA = Path(__file__).parents[1] / "data" / "home-0.1.0"
EXPECTED = json.loads((_DATA / "expected.json").read_text())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, own_servers: None) -> Iterator[Service]:
    """This version, on a copy of 0.1.0's home, whose trials are not over."""
    folder = tmp_path_factory.mktemp("upgrade")
    with tarfile.open(_DATA / "home.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    settings = service_settings.read({"WEBOFFICE_HOME": str(folder / "home"), "WEBOFFICE_PARTITIONS": "3"})
    with running(settings) as service:
        with psycopg.connect(running_file.services(settings).postgres) as connection:
            connection.execute("UPDATE app.accounts SET trial_until = now() + interval '30 days'")
        shown_when_computed(service)
        yield service


def shown_when_computed(service: Service) -> None:
    """Until the reports are built anew beside 0.1.0's, figures are said to be being computed; none is wrong."""
    paths = [path for path in EXPECTED["figures"]["owner"] if "licensed" not in path]
    headers = {"Authorization": f"Bearer {EXPECTED['tokens']['owner']}"}

    def shown() -> bool:
        for path in paths:
            answer = httpx.get(service.url + path, headers=headers, timeout=60)
            if answer.status_code == 503:
                assert (answer.json()["error"], answer.headers["retry-after"]) == ("being_computed", "60")
                return False
            expected = EXPECTED["figures"]["owner"][path]
            assert includes(without_licences(answer.json()), without_licences(expected)), path
        return True

    wait_until(shown, "the figures are not computed")
    wait_until(lambda: service.command("status")["notice"] is None, "the reports stay outdated")


def without_licences(answer: Any) -> Any:
    if isinstance(answer, list) and answer and "licensed_until" in answer[0]:
        return [{name: value for name, value in row.items() if name != "licensed_until"} for row in answer]
    return answer


def includes(answer: Any, expected: Any) -> bool:
    """Whether every figure of `expected` is in the answer, which may have fields that came later."""
    if isinstance(expected, dict):
        return isinstance(answer, dict) and all(includes(answer.get(name), value) for name, value in expected.items())
    if isinstance(expected, list):
        return len(answer) == len(expected) and all(map(includes, answer, expected))
    return bool(answer == expected)


@pytest.mark.parametrize("account", ["owner", "other"])
def test_every_figure_is_as_it_was(service: Service, account: str) -> None:
    """The read API answers with 0.1.0's owner tokens and says what 0.1.0 said, to the kopeck."""
    for path, expected in EXPECTED["figures"][account].items():
        answer = service.get(path, EXPECTED["tokens"][account])
        assert includes(without_licences(answer), without_licences(expected)), path


def test_the_ledger_accounts_for_the_same_events(service: Service) -> None:
    """Counts and holes are those of 0.1.0."""
    assert includes(service.command("ledger"), EXPECTED["ledger"])


def test_the_log_gives_the_same_rows(service: Service) -> None:
    """`verify` folds 0.1.0's log with this version's folds and finds every row of 0.1.0, kept report included."""
    assert service.command("verify")["same"]


def test_a_rebuild_goes_live_without_being_accepted(service: Service) -> None:
    """The new generation holds what this version knows; where both know a figure, nothing differs."""
    service.command("rebuild")
    test_every_figure_is_as_it_was(service, "owner")
    assert service.command("verify")["same"]


def test_kept_reports_stay(service: Service) -> None:
    """The report that 0.1.0 kept is there, under its name, and its certificates hold (`verify` looked)."""
    listed = {row["name"]: row["state"] for row in service.command("generations", "list")["generations"]}
    assert listed.get("Октябрь") == "named"


def test_kept_reports_are_shown(service: Service) -> None:
    """Each page of the report that 0.1.0 kept shows its figures, or says that they did not exist then; none fails."""
    postgres = running_file.services(service.settings).postgres
    text = ""
    with httpx.Client(base_url=service.url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60) as browser:
        link = create_sign_in_link(postgres, "owner@example.org", service.url)
        assert browser.post(link).status_code == 303
        for page in PAGES:
            for path in (page.path, *(f"{download.path}.csv" for download in page.downloads)):
                if page.gate.figures and path not in (*CARDS, "/report/later"):
                    answer = browser.get(path, params={"as-of": "Октябрь", "outlet": "all"})
                    said = "этих цифр ещё не было" in answer.text
                    assert answer.status_code == 200 or (answer.status_code == 404 and said), path
                    text += answer.text
        for query in ("kind=all", "cashier_id=k1", "shift=1&voided=1"):  # of 0.1.0's rows none says who was at the till
            for path in ("/sales", "/sales/export.csv"):
                assert browser.get(f"{path}?range=all&outlet=all&as-of=Октябрь&{query}").status_code == 200, (
                    path,
                    query,
                )
    assert "этих цифр ещё не было" in text


def test_old_tills_go_on(service: Service) -> None:
    """A till of 0.1.0 fills its hole with its old token; what waited behind it is applied."""
    outlet = next(row for row in EXPECTED["ledger"]["outlets"] if row["missing"])
    hole = outlet["missing"][0]
    events = [
        {"type": "event.withdrawn", "at": "2026-10-05T09:00:00+03:00", "reason": "lost"}
        for _ in range(hole["from"], hole["to"] + 1)
    ]
    answer = httpx.post(
        f"{service.url}/api/v1/uploads",
        json={"run": hole["run"], "first_seq": hole["from"], "events": events},
        headers={"Authorization": f"Bearer {EXPECTED['till_tokens'][outlet['outlet_id']]}"},
        timeout=60,
    )
    assert answer.status_code == 202, answer.text

    def applied() -> bool:
        found = next(r for r in service.command("ledger")["outlets"] if r["outlet_id"] == outlet["outlet_id"])
        return found["waiting"] == 0 and not found["missing"]

    wait_until(applied, "what waited is not applied")
