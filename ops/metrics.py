"""Prometheus metrics of a process, on a port of their own."""

from __future__ import annotations

import structlog
from prometheus_client import start_http_server

from ops.settings import Settings

log = structlog.get_logger(__name__)


def expose(settings: Settings) -> str:
    """Starts the metrics server and returns its address. Where its port is taken, another one: the work matters more,
    and the alarm that nobody answers at the port expected tells."""
    try:
        server, _ = start_http_server(settings.metrics_port, settings.metrics_host)
    except OSError as exc:
        log.warning("metrics_port_taken", port=settings.metrics_port, error=str(exc))
        server, _ = start_http_server(0, settings.metrics_host)
    address = f"http://{settings.metrics_host}:{server.server_port}/metrics"
    log.info("metrics", address=address)
    return address
