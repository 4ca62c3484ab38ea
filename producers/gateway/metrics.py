"""What the gateway counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

ANSWERS = Counter("weboffice_uploads", "Requests to the upload API, by path and status.", ["path", "status"])
EVENTS = Counter("weboffice_events_accepted", "Events acknowledged by Kafka and answered 202.")
BYTES = Counter("weboffice_upload_bytes", "Bytes of upload bodies as sent.")
ACKNOWLEDGEMENT = Histogram(
    "weboffice_kafka_acknowledgement_seconds",
    "From handing a record to Kafka's client to its acknowledgement, or to giving up the wait.",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
