"""`weboffice doctor`: check a set-up and say what to mend."""

from __future__ import annotations

import sys

import click
import msgspec

from ops import running
from ops.checks import Finding, certificates, kafka, log, machine, postgres
from ops.settings import Settings
from schemas.errors import InfrastructureUnreachable


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def doctor(settings: Settings, as_json: bool) -> None:
    """Check versions, disk, addresses, certificates, topics, roles, row-level security and clocks; exit 1 where one is
    wrong.

    Reads only, but for a topic of its own that it makes and deletes to read Kafka's clock.
    """
    findings = examine(settings)
    healthy = all(finding.ok for finding in findings)
    if as_json:
        rows = [{"check": one.check, "ok": one.ok, "found": one.found, "mend": one.mend} for one in findings]
        click.echo(msgspec.json.encode({"healthy": healthy, "findings": rows}).decode())
    else:
        width = max(len(finding.check) for finding in findings)
        for finding in findings:
            click.echo(f"{'ok   ' if finding.ok else 'WRONG'} {finding.check:<{width}}  {finding.found}")
            if finding.mend:
                click.echo(f"      {'':<{width}}  → {finding.mend}")
    if not healthy:
        sys.exit(1)


def examine(settings: Settings) -> list[Finding]:
    """Everything that can be looked at with these settings."""
    findings = [*machine.check(settings), *certificates.check(settings)]
    try:
        services = running.services(settings)
    except InfrastructureUnreachable as exc:
        return [*findings, Finding("Kafka and PostgreSQL", "nothing runs here", str(exc))]
    findings += kafka.check(services.kafka, settings)
    findings += postgres.check(services.postgres)
    return [*findings, *log.check(services.kafka, services.postgres, settings)]
