"""What each Python runs at its start that finds this folder in PYTHONPATH: the bug goes in here as well."""

from projections.kinds.fold import Fold
from tests.projections.bug import folded

Fold.upload = folded  # type: ignore[method-assign]  # the bug
