"""The memory of a rebuild against the length of the log: does it grow?"""

from __future__ import annotations

import statistics

from benchmarks import folding, workload
from benchmarks.bench import PARTITIONS, Bench
from benchmarks.results import Found
from benchmarks.workload import Shape

TITLE = "Memory of a rebuild, ten million sales over one million"
_TOPIC = "bench-memory"
_GOAL = 1.1


def run(bench: Bench) -> None:
    """The two longest histories, each through log and fold once."""
    for sales in sorted(bench.sizes.history)[-2:]:
        bench.servers.delete_topics(_TOPIC)
        bench.servers.create_topic(_TOPIC, PARTITIONS)
        filled = workload.fill(bench.servers.kafka, _TOPIC, PARTITIONS, Shape(sales), as_sent=True)
        found = folding.rebuild(bench.servers, filled)
        bench.results.add("rebuild", "ours", found.rate, "sales/s", round=0, **found.kept(sales))
        bench.servers.delete_topics(_TOPIC)


def report(found: Found) -> list[str]:
    sizes = found.sizes()
    peaks = [found.of("rebuild", "ours", size).results[0].peak_mb for size in sizes]
    rates = [statistics.median(found.of("rebuild", "ours", size).values()) for size in sizes]
    lines = [f"| peak MB of the largest process | {' | '.join(f'at {size:,.0f}' for size in sizes)} | ratio | |"]
    lines.append(f"|---|{'---:|' * (len(sizes) + 1)}---|")
    for name in peaks[0]:
        ratio = peaks[-1][name] / peaks[0][name]
        met = "met" if ratio <= _GOAL else "**not met**"
        lines.append(f"| {name} | {' | '.join(str(peak[name]) for peak in peaks)} | {ratio:.2f} | {met} |")
    lines.append(f"| sales/s | {' | '.join(f'{rate:,.0f}' for rate in rates)} | {rates[-1] / rates[0]:.2f} | |")
    return [*lines, "", f"Goal ≤ {_GOAL}. Both lengths went through log and fold whole."]
