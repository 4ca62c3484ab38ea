"""What an alarm, a panel and the runbook speak of is there: metrics, labels, headings."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from ops.settings import Settings
from tests.projections.shops import Shop
from tests.service import Service, running, wait_until

_ROOT = Path(__file__).parents[2]
PROMTOOL = shutil.which("promtool")
_OF_PROMETHEUS = {"job", "instance", "part", "le"}
"""Labels that Prometheus itself, or the scraping's configuration, puts on."""
_SERIES = re.compile(r"\b(up|(?:weboffice|process)_[a-z_]+)(?:\{([^}]*)\})?")
_OF_ONE = re.compile("_(bucket|sum|count|created)$")
_BY = re.compile(r"\bby \(([^)]*)\)")
Series = dict[str, set[str]]
"""name of a series → its labels"""


def _rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((_ROOT / "ops/alerts/weboffice.rules.yaml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def _expressions() -> Iterator[tuple[str, str]]:
    """(where, expression) of all alarms and panels."""
    for rule in _rules():
        yield rule["alert"], rule["expr"]
    for panel in json.loads((_ROOT / "ops/grafana/weboffice.json").read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def _scraped(service: Service) -> Series:
    found: Series = defaultdict(set)
    for address in service.command("status")["metrics"].values():
        for family in text_string_to_metric_families(httpx.get(address, timeout=60).text):
            for sample in family.samples:
                found[sample.name] |= sample.labels.keys()
    return found


def test_alarms_and_panels_ask_for_series_that_the_service_tells(service_settings: Settings) -> None:
    """Every series and every label in a rule or on the dashboard is on the metrics page of a service at work.

    And whatever it tells is explained in the runbook.
    """
    with running(service_settings) as service:
        [outlet] = service.provision("Чайная")["outlets"]
        body = {"run": Shop(1).run, "first_seq": 1, "events": [_WAREHOUSE]}
        headers = {"Authorization": f"Bearer {outlet['till_token']}"}
        assert httpx.post(f"{service.url}/api/v1/uploads", json=body, headers=headers, timeout=60).status_code == 202
        service.wait_until_worked_off()
        wait_until(lambda: "weboffice_lag_records" in _scraped(service), "the probe tells no lag")
        series = _scraped(service)
    told = {name for name in series if name.startswith("weboffice_")}
    assert told >= _PROMISED
    runbook = (_ROOT / "docs/operations.md").read_text()
    assert [name for name in sorted(told) if _OF_ONE.sub("", name) not in runbook] == []
    for where, expression in _expressions():
        asked = _SERIES.findall(expression)
        assert asked, where
        known: set[str] = set(_OF_PROMETHEUS)
        for name, matchers in asked:
            assert name == "up" or name in series, f"{where}: {name}"
            known |= series.get(name, set())
            for matcher in filter(None, matchers.split(",")):
                assert re.split("[=!]", matcher)[0].strip() in known, f"{where}: {matcher}"
        for labels in _BY.findall(expression):
            assert {label.strip() for label in labels.split(",")} <= known, f"{where}: {labels}"


def test_every_alarm_has_its_section_in_the_runbook_and_every_section_its_alarm() -> None:
    """Under 'Alarms' stand the names of the rules, each with something to type or to look at."""
    runbook = (_ROOT / "docs/operations.md").read_text()
    alarms = runbook.split("\n## Alarms\n")[1].split("\n## ")[0]
    sections = {part.split("\n")[0]: part for part in alarms.split("\n### ")[1:]}
    assert sections.keys() == {rule["alert"] for rule in _rules()}
    for name, text in sections.items():
        assert "`" in text or "\n    weboffice " in text, name


def test_every_alarm_tells_a_person_what_is_the_matter() -> None:
    """A severity to be routed by, and a summary."""
    for rule in _rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        assert len(rule["annotations"]["summary"]) > 20, rule["alert"]


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool: install prometheus (Debian: apt-get install prometheus)")
def test_every_alarm_is_silent_while_all_is_well_and_fires_where_it_is_not(programs: None) -> None:
    """Prometheus' own tool says so, of every rule; of nobody being told in each way: a process that stands still, one
    that is not there, messages that wait."""
    cases = Path(__file__).with_name("alerts.test.yaml")
    assert {rule["alert"] for rule in _rules()} == set(re.findall('alertname="([A-Za-z]+)"', cases.read_text()))
    command = [str(PROMTOOL), "test", "rules", str(cases), str(cases.with_name("nobody_told.yaml"))]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stdout + told.stderr


_WAREHOUSE = {"type": "warehouse.saved", "at": "2026-03-02T09:00:00+03:00", "warehouse_id": "main", "name": "Зал"}

_PROMISED = {
    "weboffice_lag_records",
    "weboffice_lag_seconds",
    "weboffice_events_total",
    "weboffice_ledger_events_total",
    "weboffice_quarantined_records",
    "weboffice_batch_seconds_bucket",
    "weboffice_rebuild_progress_ratio",
    "weboffice_freshness_oldest_seconds",
    "weboffice_stale_outlets",
}
"""Lag, what became of the events, how long a batch takes, how a rebuild goes on, freshness."""
