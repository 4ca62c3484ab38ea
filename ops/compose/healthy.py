"""`python -m ops.compose.healthy URL`: exit 0 where the address answers 2xx within 4 seconds, else 1."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request


def answers(url: str, timeout: float = 4.0) -> bool:
    """Whether GET is answered with 2xx. Imports nothing heavy: it runs every few seconds in each container."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return bool(200 <= answer.status < 300)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1]) else 1)
