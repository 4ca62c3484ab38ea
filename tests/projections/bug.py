"""A deliberate bug of the fold: in this process, and in those that it starts."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from projections.kinds.fold import Fold
from projections.kinds.readmodels import ReadModels
from schemas.events import SaleRegistered
from schemas.records import UploadRecord
from tests.projections.shops import Shop

BROKEN = Shop(1)
"""The shop whose seventh sale can't be folded."""
_upload = Fold.upload


def folded(self: Fold, models: ReadModels, upload: UploadRecord, log_offset: int, log_time: datetime) -> int:
    """Finds out that it can't when the rows are half done."""
    withdrawn = _upload(self, models, upload, log_offset, log_time)
    sales = [event.sale_id for event in upload.events if isinstance(event, SaleRegistered)]
    if upload.outlet == BROKEN.outlet and "s7" in sales:
        raise ZeroDivisionError("a bug")
    return withdrawn


def with_a_bug(patched: pytest.MonkeyPatch) -> None:
    """Puts the bug in. Python's own start of a new process meets it, too: it finds `spawned/sitecustomize.py`."""
    patched.setattr(Fold, "upload", folded)
    here = Path(__file__).parent
    path = [str(here / "spawned"), str(here.parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    patched.setenv("PYTHONPATH", os.pathsep.join(path))
