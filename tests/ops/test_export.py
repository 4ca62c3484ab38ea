"""An owner who leaves takes everything along, in files that others read."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import psycopg
import pytest
from click.testing import CliRunner

from ops.commands.export import export
from ops.export import parquet
from ops.export.tables import BESIDE_THE_VIEWS
from schemas.errors import Refused, UsageError
from tests.ops.test_analyst import _DOCUMENTED, Office, office, rows

__all__ = ["office"]


def exported(office: Office, account: str, to: Path) -> Any:
    call = ["--account", account, "--to", str(to), "--json"]
    done = CliRunner().invoke(export, call, obj=office.settings, catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.stdout)


def test_everything_of_an_account_and_of_no_other(office: Office, tmp_path: Path) -> None:
    """Each table has its account's rows and no other's, exact; DuckDB and Polars read them; a zip holds the same."""
    own = exported(office, "anna@example.org", tmp_path / "anna")
    assert set(own["rows"]) == {*_DOCUMENTED, *BESIDE_THE_VIEWS}
    for name, count in own["rows"].items():
        frame = pl.read_parquet(tmp_path / f"anna/{name}.parquet")
        assert frame.height == count
        assert set(frame["outlet_id"]) <= {office.shops[0].outlet}, name
        if name not in ("taxes", "cash_moves"):
            assert count, name
    where = office.login("--email", "anna@example.org", "--costs")
    read = duckdb.connect()
    for name in own["rows"]:
        read.read_parquet(f"{tmp_path}/anna/{name}.parquet").create_view(name)
    for view in _DOCUMENTED:
        assert own["rows"][view] == len(rows(where, f"TABLE {view}")), view
    by_day = "SELECT day, revenue, cost_sum FROM daily ORDER BY day"
    assert read.sql(by_day).fetchall() == rows(where, by_day)
    types = {column: str(kind) for column, kind, *_ in read.sql("DESCRIBE sales").fetchall()}
    assert (types["at"], types["total"], types["day"]) == ("TIMESTAMP WITH TIME ZONE", "DECIMAL(38,2)", "DATE")
    money = """SELECT sum(total) FROM sales UNION ALL SELECT sum(amount) FROM sale_payments
        UNION ALL SELECT sum(sum) FROM sale_lines"""
    assert len(set(read.sql(money).fetchall())) == 1, "lines and payments come to what the receipts come to"
    readme = (tmp_path / "anna/README.md").read_text()
    assert all(f"## {name}.parquet: {count} rows" in readme for name, count in own["rows"].items())
    assert "`total` | decimal128(38, 2)" in readme

    packed = exported(office, own["account_id"], tmp_path / "anna.zip")
    assert packed["rows"] == own["rows"]
    with zipfile.ZipFile(tmp_path / "anna.zip") as archive:
        assert archive.testzip() is None
        assert {Path(name).name for name in archive.namelist()} == {path.name for path in (tmp_path / "anna").iterdir()}
    with psycopg.connect(office.settings.postgres) as connection:
        assert connection.execute("SELECT count(*) FROM app.analysts WHERE role NOT LIKE 'analyst%'").fetchone() == (0,)


def test_what_can_not_be_exported_is_refused(office: Office, tmp_path: Path) -> None:
    """Nobody's account, a place where something stands; nothing is left of it."""
    with pytest.raises(Refused, match="no account"):
        exported(office, "nobody@example.org", tmp_path / "nobody")
    (tmp_path / "there").mkdir()
    with pytest.raises(UsageError, match="already"):
        exported(office, "anna@example.org", tmp_path / "there")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_figure_that_does_not_fit_is_no_other_figure(tmp_path: Path) -> None:
    """Money with three places is refused rather than cut; zeros at the end are no places."""
    kinds = {"revenue": "numeric"}
    assert parquet.write(tmp_path / "even", kinds, iter([[(Decimal("1.250000000"),), (None,)]])) == 2
    assert pl.read_parquet(tmp_path / "even")["revenue"].to_list() == [Decimal("1.25"), None]
    for figure in ("1.255", "1.00000001"):
        with pytest.raises(Exception, match="places"):
            parquet.write(tmp_path / "odd", kinds, iter([[(Decimal(figure),)]]))


@pytest.mark.usefixtures("programs")
def test_where_polars_is_missing_it_says_what_to_install() -> None:
    """Exit code 2, and the name of the extra."""
    program = "import sys; sys.modules['polars'] = None\nfrom ops.cli import run\nsys.exit(run(sys.argv[1:]))"
    call = [sys.executable, "-c", program, "export", "--account", "x", "--to", "/nowhere/x"]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "weboffice[export]" in done.stderr) == (2, True), done.stderr


@pytest.mark.usefixtures("programs")
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Ten times the rows take no more than a few pieces more."""
    program = """
import resource, sys
from pathlib import Path
from ops.export import parquet
pieces = ([(f"{piece}-{row}" * 30,) for row in range(10_000)] for piece in range(int(sys.argv[1])))
parquet.write(Path(sys.argv[2]), {"name": "text"}, pieces)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    kilobytes = []
    for count in ("5", "30"):
        call = [sys.executable, "-c", program, count, str(tmp_path / count)]
        kilobytes.append(int(subprocess.run(call, check=True, capture_output=True, text=True, timeout=120).stdout))
    assert kilobytes[1] - kilobytes[0] < 50_000, kilobytes  # all of the rows would be 100 MB more
