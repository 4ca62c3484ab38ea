"""`weboffice verify`: fold the log again and compare with the live read models."""

from __future__ import annotations

import click
import msgspec

from ops import differences, stopped
from ops.settings import Settings
from ops.sources import source
from ops.watching import Watch
from projections.proof.verify import Verdict
from projections.proof.verify import verify as run


@click.command()
@click.option("--outlet", metavar="ID", help="Only this outlet.")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Only N outlets, taken at random.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def verify(settings: Settings, outlet: str | None, sample: int | None, as_json: bool) -> None:
    """Fold the log again up to the live offsets and compare every row with the live read models.

    Exit code 1 where rows differ (old: as they are, new: as the log says), or where a named report is no longer what
    was certified; and where a partition of a log waits for a decision (told on stderr, --json: `faults`): what stands
    behind that was not compared.
    """
    if outlet and sample:
        raise click.UsageError("--outlet and --sample exclude one another")
    with Watch() as watch:
        verdict = run(source(settings), watch, outlet, sample)
    waiting = stopped.remedies(settings, source(settings))
    stopped.tell(waiting, "not compared is")
    document = {**_document(verdict), "faults": waiting}
    click.echo(msgspec.json.encode(document).decode() if as_json else _text(verdict))
    if waiting or not verdict.same:
        raise click.exceptions.Exit(1)


def _document(verdict: Verdict) -> dict[str, object]:
    return {**msgspec.to_builtins(verdict, str_keys=True), "same": verdict.same}


def _text(verdict: Verdict) -> str:
    lines = differences.as_text(verdict.comparison)
    for report in verdict.broken:
        for broken in report.certificates:
            day = f" on {broken.day}" if broken.day else ""
            lines.append(
                f"generation {report.generation} ({report.name}): {broken.projection} of outlet {broken.outlet_id}{day}"
                f" is not as certified ({broken.certified} rows then, {broken.found} now)"
            )
    if verdict.same:
        what = "all outlets" if verdict.outlets is None else f"{len(verdict.outlets)} outlets"
        lines.append(f"generation {verdict.generation} is what the log says, row by row, for {what}")
    return "\n".join(lines)
