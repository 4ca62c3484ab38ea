"""What lies on the stage, and what of it was handed over before."""

from __future__ import annotations

from pathlib import Path

from producers.importers.documents import Document
from producers.importers.known import Known, Remembered
from producers.importers.stage import Stage, digest_before, digest_of

SALE = Document("sale", "s-1", [{"type": "sale.registered", "sale_id": "s-1", "number": "№ 1"}], 1)
OTHER = Document("sale", "s-1", [{"type": "sale.registered", "sale_id": "s-1", "number": "№ 2"}], 1)


def is_new(folder: Path, before: bytes | None, now: Document) -> bool:
    """Whether a document is new to a spool that was handed one of this digest."""
    folder.mkdir(exist_ok=True)
    with Known(folder / "known") as known, Stage(folder / "stage.db", known) as stage:
        if before is not None:
            known.remember([Remembered("sale", "s-1", before, 0, None, None)])
        stage.put(now)
        [staged] = stage.documents()
        assert staged.document == now
        return stage.is_new(staged)


def test_what_was_never_handed_over_is_new(tmp_path: Path) -> None:
    """Also where nothing at all was."""
    assert is_new(tmp_path, None, SALE)


def test_what_was_handed_over_is_not_new(tmp_path: Path) -> None:
    """The same again is not sent again; in another version it is."""
    assert not is_new(tmp_path / "same", digest_of(SALE), SALE)
    assert is_new(tmp_path / "other", digest_of(SALE), OTHER)


def test_what_an_earlier_release_handed_over_is_not_new(tmp_path: Path) -> None:
    """Its digests are those of another way of writing JSON, and hold: an upgrade sends nothing again."""
    assert digest_before(SALE).hex() == "f0676e81826e493004add21946ea181d"  # made by 0.2.0
    assert not is_new(tmp_path / "same", digest_before(SALE), SALE)
    assert is_new(tmp_path / "other", digest_before(SALE), OTHER)
