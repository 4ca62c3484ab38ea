"""Metrics of what PostgreSQL holds, asked for at each scrape: the ledger, what is held back, freshness, rebuilds.

Registered by the process that serves the portal. They are totals over all outlets: a series per outlet would grow with
the business; `weboffice status` and the portal tell outlets apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ops.checks import disk
from projections.models.versions import FOLD_VERSION
from schemas.statements import load

_sql = load("ops", "state.sql")
_TIMEOUT_MS = 3000


class StateCollector(Collector):
    """Asks PostgreSQL at each scrape; `weboffice_postgres_up` is 0 and the rest left out where it does not answer."""

    def __init__(self, postgres: str, home: Path) -> None:
        self._postgres = postgres
        self._home = home

    def describe(self) -> list[Metric]:
        return []  # so that registering asks nothing

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("weboffice_postgres_up", "Whether PostgreSQL answers.")
        try:
            metrics = self._ask()
        except psycopg.Error:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from metrics

    def _ask(self) -> list[Metric]:
        with psycopg.connect(self._postgres, connect_timeout=3, options=f"-c statement_timeout={_TIMEOUT_MS}") as db:
            live = db.execute(_sql["live"]).fetchone()
            if live is None:
                return []
            number, schema, fold_version = live
            db.execute(_sql["use_schema"], {"schema_name": schema})
            read, applied, duplicate, discarded = _row(db, "events")
            parked, quarantined, runs = _row(db, "held_back")
            outlets, oldest, stale = _row(db, "outlets")
            [live_offsets] = _row(db, "positions")
            [backup_age] = _row(db, "backup_age")
            progress = 1.0
            building = db.execute(_sql["building"]).fetchone()
            if building is not None:
                db.execute(_sql["use_schema"], {"schema_name": building[0]})
                [built] = _row(db, "positions")
                progress = float(built) / float(live_offsets) if live_offsets else 1.0
        events = CounterMetricFamily("weboffice_ledger_events", "Events of the log by outcome.", labels=["outcome"])
        for outcome, count in [
            ("read", read),
            ("applied", applied),
            ("duplicate", duplicate),
            ("discarded", discarded),
        ]:
            events.add_metric([outcome], float(count))
        return [
            events,
            _gauge("weboffice_generation", "Number of the live generation of read models.", number),
            _gauge(
                "weboffice_generation_outdated",
                "1 where the live generation was made by another version of the fold.",
                fold_version != FOLD_VERSION,
            ),
            _gauge(
                "weboffice_backup_age_seconds", "Since the latest `weboffice backup`; 0: there was none.", backup_age
            ),
            _gauge("weboffice_disk_free_bytes", "Free on the disk of WEBOFFICE_HOME.", disk.free(self._home)),
            _gauge("weboffice_waiting_events", "Events that wait behind a hole or a quarantined record.", parked),
            _gauge("weboffice_waiting_runs", "Runs of tills that wait.", runs),
            _gauge("weboffice_quarantined_records", "Records set aside and not resolved.", quarantined),
            _gauge("weboffice_outlets", "Outlets that have data and are neither disabled nor removed.", outlets),
            _gauge("weboffice_freshness_oldest_seconds", "Age of the least fresh outlet's data.", oldest),
            _gauge("weboffice_stale_outlets", "Outlets whose data is older than a day.", stale),
            _gauge(
                "weboffice_rebuild_progress_ratio", "Share of the log in the generation that is being built.", progress
            ),
        ]


def register(postgres: str, home: Path) -> None:
    """Adds the collector to this process's metrics."""
    REGISTRY.register(StateCollector(postgres, home))


def _row(db: psycopg.Connection[tuple[object, ...]], statement: str) -> tuple[float, ...]:
    row = db.execute(_sql[statement]).fetchone()
    assert row is not None  # aggregates always give one
    return tuple(float(value) for value in row)  # type: ignore[arg-type]  # numbers all


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=float(value))
