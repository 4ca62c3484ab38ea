"""A metric of the standby that figures are read from: how far it is behind the primary, asked for at each scrape."""

from __future__ import annotations

import math
from collections.abc import Iterator

import psycopg
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from schemas.statements import load

_sql = load("webapp.sql", "standby.sql")
_ABOUT = "Seconds that the standby of WEBOFFICE_POSTGRES_READ is behind; 0: none is named, +Inf: it is of no use."
_TIMEOUT_MS = 3000


class StandbyCollector(Collector):
    """0 where the settings name no standby; +Inf where it does not answer, or is none."""

    def __init__(self, primary: str, standby: str) -> None:
        self._primary = primary
        self._standby = standby

    def describe(self) -> list[Metric]:
        return []  # so that registering asks nothing

    def collect(self) -> Iterator[Metric]:
        lag = self._lag()
        if lag is not None:
            yield GaugeMetricFamily("weboffice_standby_lag_seconds", _ABOUT, value=lag)

    def _lag(self) -> float | None:
        if not self._standby:
            return 0
        try:
            place = _asked(self._primary, "primary_place")
        except psycopg.Error:
            return None  # `weboffice_postgres_up` tells it
        try:
            return float(str(_asked(self._standby, "lag", str(place))))
        except psycopg.Error:
            return math.inf


def register(primary: str, standby: str) -> None:
    """Once, by the process that serves the portal; `standby` is empty where figures are read from the primary."""
    REGISTRY.register(StandbyCollector(primary, standby))


def _asked(url: str, statement: str, place: str | None = None) -> object:
    with psycopg.connect(url, connect_timeout=3, options=f"-c statement_timeout={_TIMEOUT_MS}") as connection:
        row = connection.execute(_sql[statement], {"place": place}).fetchone()
    assert row is not None  # of a function
    return row[0]
