"""Bulk in columns: plain sales are folded by Polars, many at once; whatever is not plain goes row by row.

A rebuild runs one process for each core, so Polars gets one thread.
"""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # read when polars is imported for the first time
