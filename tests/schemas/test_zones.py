"""The names of time zones are looked up once: to walk through all of them takes as long as a hundred receipts."""

from __future__ import annotations

import csv
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from schemas import zones
from tests.producers.importers.reading import DATA, read, write
from webapp.outlets.zones import is_zone


def test_they_are_all_there() -> None:
    """And Moscow is one of them."""
    assert zones.zone_names() == available_timezones()
    assert is_zone("Europe/Moscow")
    assert not is_zone("Moscow")


def test_an_import_looks_them_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows name a zone: an export of Square's names one in each."""
    with (DATA / "square" / "items.csv").open(encoding="utf-8-sig", newline="") as file:
        headings, *rows = csv.reader(file)
    path = write(
        tmp_path / "items.csv", "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in [headings, *rows, *rows])
    )
    looks = list[str]()

    def look() -> set[str]:
        looks.append("all")
        return available_timezones()

    monkeypatch.setattr(zones, "available_timezones", look)
    zones.zone_names.cache_clear()
    read("square", path, zone="America/New_York")
    zones.zone_names.cache_clear()
    assert len(looks) == 1
