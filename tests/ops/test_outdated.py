"""A program whose fold is not the one that made the live reports says so, and what to do."""

from __future__ import annotations

from pathlib import Path

import psycopg

from ops.settings import Settings
from projections.generations.register import FOLD_VERSION
from tests.service import running, wait_until
from tests.streams.workers import worker

EVENT = "live_generation_outdated"


def _made_by(postgres: str, version: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("UPDATE app.generations SET fold_version = %s WHERE state = 'live'", (version,))


def test_the_service_says_that_a_rebuild_is_due_until_it_is_done(service_settings: Settings) -> None:
    """`up` and its worker warn once each with the command to run, `status` tells as well; after it none does."""
    _made_by(service_settings.postgres, "older")
    with running(service_settings) as service:
        wait_until(lambda: sum(line.get("event") == EVENT for line in service.lines()) == 2, "nothing was said")
        said = [line for line in service.lines() if line.get("event") == EVENT]
        assert {line["level"] for line in said} == {"warning"}
        notice = service.command("status")["notice"]
        assert {line["notice"] for line in said} == {notice}
        assert f"fold version older, this program folds by version {FOLD_VERSION}" in notice
        assert "`weboffice rebuild`" in notice
        assert service.command("rebuild")["state"] == "live"
        assert service.command("status")["notice"] is None


def test_a_worker_of_the_present_version_says_nothing(
    service_settings: Settings, topics: object, tmp_path: Path
) -> None:
    """No notice where the live generation was made by this fold."""
    log = tmp_path / "log"
    with worker("project", service_settings, log):
        wait_until(lambda: "started" in log.read_text() and "assigned" in log.read_text(), "the worker does not start")
    assert EVENT not in log.read_text()
