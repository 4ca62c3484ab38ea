"""What each Python runs at its start that finds this folder in PYTHONPATH: the file TEST_BUG names a bug by a word.

`poison`: receipts whose number begins with «яд» can't be folded, and never could. `broken`: no event can. `newer`: what
this program writes bears a version that no other one knows.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from projections.kinds.fold import Fold
from projections.kinds.readmodels import ReadModels
from projections.replay import replay
from projections.store.bulk import BulkStore
from schemas import records
from schemas.records import UploadRecord

_bug = Path(os.environ["TEST_BUG"]).read_text()
_upload = Fold.upload


def _folded(self: Fold, models: ReadModels, upload: UploadRecord, log_offset: int, log_time: datetime) -> int:
    withdrawn = _upload(self, models, upload, log_offset, log_time)
    if _bug == "broken" or any(str(getattr(event, "number", "")).startswith("яд") for event in upload.events):
        raise ZeroDivisionError("a bug")
    return withdrawn


if _bug == "newer":
    records.VERSION = 99  # type: ignore[attr-defined]
else:
    Fold.upload = _folded  # type: ignore[method-assign]  # the bug
    replay.bulk_store = BulkStore  # so that `verify` has it, too: sales that are folded in columns would not meet it
