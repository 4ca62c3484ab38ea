"""A package: its parts as one workbook and as CSV files, in one zip."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from webapp.exports import Part, Row
from webapp.exports.sheet import CSV, XLSX

_LONGEST_NAME = 31
_NOT_IN_NAMES = dict.fromkeys(map(ord, "[]:*?/\\'"), " ")


class Book:
    """Each part is begun, then written; all are packed at the end. What it writes beside `path` goes with that."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._workbook = path.with_name("package.xlsx")
        self._xlsx = XLSX(self._workbook, [], begun=False)
        self._csv: CSV | None = None
        self._files: list[tuple[Path, str]] = [(self._workbook, "package.xlsx")]

    def begin(self, part: Part) -> None:
        """The rows that follow are this part's."""
        self._end_csv()
        name = part.name.translate(_NOT_IN_NAMES)[:_LONGEST_NAME]
        self._xlsx.begin(name, part.columns)
        number = len(self._files)
        file = self._path.with_name(f"part-{number}.csv")
        self._csv = CSV(file, part.columns)
        self._files.append((file, f"{number} {name}.csv"))

    def write(self, rows: Sequence[Row]) -> None:
        assert self._csv is not None
        self._xlsx.write(rows)
        self._csv.write(rows)

    def finish(self) -> None:
        self._end_csv()
        self._xlsx.finish()
        with zipfile.ZipFile(self._path, "w", zipfile.ZIP_DEFLATED) as packed:
            for file, name in self._files:
                packed.write(file, name)
                file.unlink()

    def _end_csv(self) -> None:
        if self._csv is not None:
            self._csv.finish()
