"""An account of very many outlets, written with SQL into a live generation: what a chain's owner opens.

    python -m benchmarks.chain POSTGRES --outlets 1000 --tills 2

It has two months of days, the receipts of today, yesterday and a week ago, two groups for each outlet, some outlets
that are shut, some with a batch that waits. Its rows owe nothing to a log, so `verify` would not find them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click
import psycopg

from projections.generations import register
from schemas.statements import load

EMAIL = "chain@example.org"
_sql = load("benchmarks", "chain.sql")


def fill(postgres: str, *, outlets: int = 1000, tills: int = 1, now: datetime, email: str = EMAIL) -> UUID:
    """Makes the account, or adds what it lacks, in one transaction. Returns the account's id. `postgres` is a login
    that may write the live generation."""
    with psycopg.connect(postgres) as connection:
        register.use(connection, register.live(connection))
        row = connection.execute(_sql["account"], {"email": email}).fetchone()
        assert row is not None
        account: UUID = row[0]
        parameters: dict[str, Any] = {"account": account, "outlets": outlets, "tills": tills, "now": now}
        for name in ("outlets", "tills", "receipts", "days", "hours", "totals", "holes"):
            connection.execute(_sql[name], parameters)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return account


@click.command()
@click.argument("postgres")
@click.option("--outlets", default=1000, show_default=True)
@click.option("--tills", default=1, show_default=True)
def main(postgres: str, outlets: int, tills: int) -> None:
    """Fill the live generation at POSTGRES with an account of so many outlets."""
    click.echo(fill(postgres, outlets=outlets, tills=tills, now=datetime.now(UTC)))


if __name__ == "__main__":
    main()
