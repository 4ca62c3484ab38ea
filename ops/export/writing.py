"""An export: the files of an account in a folder, or in a zip of them, all of one moment."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from msgspec import Struct
from psycopg import Connection, IsolationLevel
from psycopg.rows import TupleRow

from ops.export import parquet
from ops.export.tables import Table, rows, tables
from projections.generations import register
from schemas.errors import Refused, UsageError
from schemas.statements import load

_sql = load("ops.export", "tables.sql")
README = "README.md"


class Exported(Struct, frozen=True):
    """What was written: rows by table, all of the moment `as_of`."""

    account_id: str
    path: str
    as_of: datetime
    rows: dict[str, int]


def export(postgres: str, account: str, to: Path, progress: Callable[[str], None]) -> Exported:
    """Writes everything of an account, by its address or id, to a new folder or a new file that ends in `.zip`.

    Raises `Refused` where there is no such account, `UsageError` where something stands there. What could not be
    written whole is not there.
    """
    if to.exists():
        raise UsageError(f"{to} is there already: name a new folder or file")
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{to.name}.", dir=to.parent) as beside, psycopg.connect(postgres) as connection:
        folder = Path(beside) / to.stem
        folder.mkdir(mode=0o700)
        try:
            exported = _write(connection, account.strip().lower(), folder, to, progress)
        finally:
            connection.rollback()  # nothing was changed
        if to.suffix.lower() == ".zip":
            packed = Path(beside) / "packed"
            packed.touch(mode=0o600)
            with zipfile.ZipFile(packed, "w") as archive:  # Parquet is packed already
                for path in sorted(folder.iterdir()):
                    archive.write(path, f"{to.stem}/{path.name}")
            packed.replace(to)
        else:
            shutil.move(folder, to)
    return exported


def _write(
    connection: Connection[TupleRow], account: str, folder: Path, to: Path, progress: Callable[[str], None]
) -> Exported:
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    found = connection.execute(_sql["account"], {"account": account}).fetchone()
    if found is None:
        raise Refused(f"there is no account {account}")
    account_id, email = found
    connection.execute(_sql["see_as_analyst"], {"account_id": account_id})
    register.use(connection, register.live(connection))
    as_of = datetime.now(UTC)
    counts, listed = {}, tables(connection)
    for table in listed:
        progress(f"{table.name} …")
        counts[table.name] = parquet.write(folder / f"{table.name}.parquet", table.columns, rows(connection, table))
    (folder / README).write_text(_readme(email, as_of, listed, counts), "utf-8")
    return Exported(str(account_id), str(to), as_of, counts)


def _readme(email: str, as_of: datetime, listed: list[Table], counts: dict[str, int]) -> str:
    lines = [
        f"# Everything of {email}, as of {as_of:%Y-%m-%d %H:%M:%S} UTC",
        "",
        "One file of Parquet for each table; any of pandas, Polars, DuckDB, Spark, R reads them. Money has two places,",
        "quantities, prices and costs of one unit have six, all exact (decimal128). Times are in UTC; `day` and",
        "`hour` are the outlet's own, by the `zone` in `outlets`. Voided receipts and copies of fiscal documents are",
        "left out, as they count in no figure.",
    ]
    for table in listed:
        lines += ["", f"## {table.name}.parquet: {counts[table.name]} rows", f"{table.about}", ""]
        lines += ["| column | type |", "|---|---|"]
        lines += [f"| `{name}` | {parquet.described(name, kind)} |" for name, kind in table.columns.items()]
    return "\n".join(lines) + "\n"
