"""The log's own limit, by Kafka's measuring tools, with records as large as uploads of 100 events."""

from __future__ import annotations

from benchmarks import limit
from benchmarks.bench import Bench
from benchmarks.results import Found, spread

TITLE = "The log: Kafka's own measuring tools"
_BYTES = 45_000
"""of an upload of 100 events"""
_EVENTS = 100


def run(bench: Bench) -> None:
    for number in range(bench.sizes.rounds):
        found = limit.kafka_perf(bench.servers, bench.home, records=bench.sizes.sales // _EVENTS, size=_BYTES)
        for name, megabytes in found.items():
            bench.results.add("log", name, megabytes, "MB/s", round=number, at=_BYTES)


def report(found: Found) -> list[str]:
    lines = ["| tool | MB/s | as sales/s in uploads of 100 |", "|---|---:|---:|"]
    for name, tool in (("produce", "kafka-producer-perf-test"), ("consume", "kafka-consumer-perf-test")):
        megabytes = found.of("log", name).values()
        sales = [value * 2**20 / _BYTES * _EVENTS for value in megabytes]
        lines.append(f"| {tool} | {spread(megabytes, 0)} | {spread(sales, 0)} |")
    return [*lines, "", f"Records of {_BYTES:,} random bytes (hardly compressible), `acks=all`, lz4, 12 partitions."]
