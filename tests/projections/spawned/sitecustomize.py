"""What each Python runs at its start that finds this folder in PYTHONPATH: the bug goes in here as well."""

from projections.models import daily
from tests.projections.bug import fold_sale

daily.fold_sale = fold_sale
