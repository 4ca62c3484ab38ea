"""The table of security requirements is what the tests say."""

from __future__ import annotations

from collections import Counter

from tests.security import asvs


def test_the_table_is_made_of_the_markers() -> None:
    """docs/security.md holds what the markers say; else `python -m tests.security.asvs`."""
    text = asvs.DOCUMENT.read_text()
    assert asvs.document(text) == text


def test_every_marker_names_a_requirement() -> None:
    """A marker names a requirement that there is and that has an object here, and what has to be broken."""
    known = {requirement.number for requirement in asvs.requirements()}
    markers = list(asvs.markers())
    assert {marker.requirement for marker in markers} <= known - asvs.not_applicable().keys()
    assert all(len(marker.breaks) > 8 for marker in markers)
    assert asvs.not_applicable().keys() <= known
    twice = Counter((marker.requirement, marker.test) for marker in markers)
    assert max(twice.values()) == 1
