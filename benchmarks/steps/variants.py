"""Other shapes of the same sales: uploads of 1, 10 and 500 events, and one outlet with half of everything."""

from __future__ import annotations

from benchmarks import contenders, folding
from benchmarks.bench import Bench
from benchmarks.results import Found, ratios, spread
from benchmarks.steps.rebuild import measure
from benchmarks.workload import Shape

TITLE = "Variants: uploads of 1, 10 and 500 events; one outlet with half of everything"


def _shapes(sales: int) -> dict[str, Shape]:
    return {
        "uploads of 1": Shape(sales, per_upload=1),
        "uploads of 10": Shape(sales, per_upload=10),
        "uploads of 100": Shape(sales),
        "uploads of 500": Shape(sales, per_upload=500),
        "half in one outlet": Shape(sales, half_in_one=True),
    }


def run(bench: Bench) -> None:
    sales = bench.sizes.slow_sales
    plain = next(peer for peer in contenders.PEERS if peer.name == "plain_faust")
    for number in range(bench.sizes.long_rounds):
        for name, shape in _shapes(sales).items():
            found = folding.rebuild(bench.servers, bench.filled(shape))
            bench.results.add("variant", name, found.rate, "sales/s", round=number, **found.kept(sales))
        if bench.wants(plain.name) and number < bench.sizes.slow_rounds:
            measure(bench, number, plain, Shape(sales), folding.rebuild(bench.servers, bench.filled(Shape(sales))).sums)


def report(found: Found) -> list[str]:
    usual = found.of("variant", "uploads of 100")
    lines = ["| shape | sales/s | of that with uploads of 100 | µs per sale: worker | PostgreSQL | Kafka |"]
    lines.append("|---|---:|---:|---:|---:|---:|")
    for name in found.of("variant").names():
        its = found.of("variant", name)
        cells = [spread([result.cpu[part] for result in its], 0) for part in ("worker", "postgres", "kafka")]
        lines.append(f"| {name} | {spread(its.values(), 0)} | {spread(ratios(its, usual))} | {' | '.join(cells)} |")
    plain = ratios(found.of("variant", "uploads of 1"), found.of("rebuild", "plain_faust"))
    if plain:
        lines += ["", f"Uploads of one event each against the plain Faust app, goal ≥ 3: {spread(plain)}."]
    return lines
