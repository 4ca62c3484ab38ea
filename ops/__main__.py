"""`python -m ops` is `weboffice`; the supervisor starts its processes so."""

from ops.cli import main

main()
