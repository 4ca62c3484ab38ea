"""`python -m benchmarks`, which is `make bench`: measures, keeps what was measured, and writes RESULTS.md and plots."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
import msgspec

from benchmarks import report, steps
from benchmarks.bench import QUICK, Bench, Sizes
from benchmarks.results import FOLDER, Results

_HOME = Path(".weboffice-bench")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", multiple=True, type=click.Choice(steps.NAMES), help="Only this step; may be given repeatedly.")
@click.option("--who", multiple=True, help="Only this contender (ours, control, kafka_streams …); may be repeated.")
@click.option("--quick", is_flag=True, help="A smoke run: does everything work? Its figures are thrown away.")
@click.option("--sales", type=click.IntRange(min=1000), help="Sales of the quick contenders' runs.")
@click.option("--slow-sales", type=click.IntRange(min=1000), help="Sales of the slow contenders' and of live runs.")
@click.option("--rounds", type=click.IntRange(min=1), help="Rounds; in each, everybody is measured once.")
@click.option(
    "--slow-rounds",
    type=click.IntRange(min=0),
    help="Of these, how many measure the slow contenders too: 0 none. Other long steps take as many, one at least.",
)
@click.option("--history", multiple=True, type=click.IntRange(min=1000), help="Lengths of history for the pages.")
@click.option("--outlets", type=click.IntRange(min=1), help="Outlets of the chain (step grow).")
@click.option("--goods", type=click.IntRange(min=100), help="Goods of its big shop.")
@click.option("--receipts", type=click.IntRange(min=100), help="Receipts of its big shop.")
@click.option("--tills", type=click.IntRange(min=1), help="Tills that send beside open dashboards.")
@click.option("--owners", type=click.IntRange(min=8), help="Owners at once.")
@click.option("--page-requests", type=click.IntRange(min=1), help="How often each page of it is asked for.")
@click.option("--grow-rounds", type=click.IntRange(min=1), help="Rounds of the step grow.")
@click.option("--import-megabytes", type=click.IntRange(min=1, max=130), help="Size of the imported file of receipts.")
@click.option("--base", help="A commit that the step grow measures beside this tree.")
@click.option("--carry-on", is_flag=True, help="Add rounds to each step's latest run instead of beginning a new one.")
@click.option("--report", "report_only", is_flag=True, help="Only write RESULTS.md and the plots anew.")
@click.option("--results", type=click.Path(path_type=Path), help="Another folder for results, RESULTS.md and plots.")
@click.option("--home", type=click.Path(path_type=Path), default=_HOME, help="Where servers and peers live.")
def main(
    only: tuple[str, ...],
    who: tuple[str, ...],
    quick: bool,
    carry_on: bool,
    report_only: bool,
    results: Path | None,
    home: Path,
    **sizes: object,
) -> None:
    """Measures this service beside its peers and beside what the machine can do. See benchmarks/README.md."""
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    bench = Bench(home, sizes_of(quick, sizes), list(who))
    folder = results or (home / "quick" if quick else FOLDER)
    try:
        for name in [] if report_only else only or steps.NAMES:
            print(f"— {name}: {steps.step(name).TITLE}", flush=True)
            bench.results = Results(name, folder)
            if carry_on:
                bench.results.carry_on()
            steps.step(name).run(bench)
    finally:
        bench.close()
    report.write(folder, FOLDER.parent if folder == FOLDER else folder, home)


def sizes_of(quick: bool, given: Mapping[str, object]) -> Sizes:
    """The sizes of a run; an option that was not given is None, or empty where it may be repeated. 0 is given."""
    return msgspec.structs.replace(
        QUICK if quick else Sizes(), **{name: value for name, value in given.items() if value not in (None, ())}
    )


if __name__ == "__main__":
    main()
