"""The command line of `weboffice-till`: `upload`, from the standard library alone. Exit codes as of `weboffice`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from producers.till.upload import READABLE, Lines, Upload, read_token, upload_files
from schemas.errors import InfrastructureUnreachable, UsageError, WebOfficeError
from schemas.limits import MAX_EVENTS

_REFUSED, _WRONG_USAGE, _UNREACHABLE, _UNEXPECTED, _INTERRUPTED = 1, 2, 3, 70, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # Windows: not its code page
    try:
        return _upload(_parser().parse_args(arguments))
    except UsageError as exc:
        return _complain(exc, _WRONG_USAGE)
    except InfrastructureUnreachable as exc:
        return _complain(exc, _UNREACHABLE)
    except WebOfficeError as exc:
        return _complain(exc, _UNEXPECTED)
    except KeyboardInterrupt:
        return _INTERRUPTED


def exit_main() -> None:
    """For the one file: its start takes no exit code from what it calls."""
    sys.exit(main())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="weboffice-till",
        description="The till's side of Веб-офис: sends events, each once, whatever breaks in between.",
        epilog="Exit codes: 0 done; 1 the service refused events; 2 wrong usage; 3 not reachable.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    upload = commands.add_parser(
        "upload",
        help="send event files",
        description="Sends FILES (JSON Lines of events, also .gz) to the service, as a till does. "
        "Killed or broken off, it goes on where it stopped when it is called again. "
        "Acknowledged events stay in the spool for a while, and go again where the service lost them.",
    )
    upload.add_argument("--url", required=True, help="address of the service, e.g. https://example.ru")
    upload.add_argument("--token-file", type=Path, metavar="FILE", help="the till's token; else WEBOFFICE_TOKEN")
    upload.add_argument("--token", help="the same in the open: others on this machine can read it")
    upload.add_argument("--spool", type=Path, metavar="FOLDER", help="by default one per address and token")
    upload.add_argument(
        "--give-up-after", type=float, default=60.0, metavar="SECONDS", help="without progress; 0: never (default: 60)"
    )
    upload.add_argument(
        "--batch", type=_batch, default=MAX_EVENTS, metavar="EVENTS", help=f"in each upload (default: {MAX_EVENTS})"
    )
    upload.add_argument("--json", action="store_true", help="the answer as JSON")
    upload.add_argument("files", nargs="+", type=Path, metavar="FILE")
    return parser


def _upload(given: argparse.Namespace) -> int:
    for path in given.files:
        if not path.is_file():
            raise UsageError(f"there is no file {path.name}")
    if given.token:
        _say(READABLE)
    uploaded = upload_files(
        Upload(
            given.url,
            given.token or read_token(given.token_file, os.environ),
            Path(os.environ.get("WEBOFFICE_HOME") or ".weboffice"),
            given.files,
            given.spool,
            given.give_up_after,
            given.batch,
        ),
        Lines(sum(path.stat().st_size for path in given.files), _say),
    )
    sys.stdout.write((uploaded.document() if given.json else uploaded.text()) + "\n")
    return _REFUSED if uploaded.withdrawn else 0


def _batch(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MAX_EVENTS:
        raise argparse.ArgumentTypeError(f"1 to {MAX_EVENTS}")
    return number


def _say(line: object) -> None:
    sys.stderr.write(f"{line}\n")


def _complain(what: object, code: int) -> int:
    _say(f"weboffice-till: {what}")
    return code


if __name__ == "__main__":
    sys.exit(main())
