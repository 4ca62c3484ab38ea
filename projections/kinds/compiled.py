"""Functions written by declarations: code put together once at import from names that were checked.

What a sum adds for a row, and a row's line for COPY, are known when the program starts. Going by lists of names at each
row takes twice as long, and there are millions of them in a rebuild; so the loop over the names is done once, here, as
`dataclasses` and `namedtuple` do it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compiled(name: str, source: str, **names: Any) -> Callable[..., Any]:
    """The function `name` that the source text defines; `names` is what it may use beside the builtins."""
    namespace: dict[str, Any] = dict(names)
    exec(compile(source, f"<{name}>", "exec"), namespace)  # the text holds nothing but our own identifiers
    function: Callable[..., Any] = namespace[name]
    function.__doc__ = source
    return function
