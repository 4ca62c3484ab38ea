"""The command line of `weboffice-till`: `upload`, from the standard library alone. Exit codes as of `weboffice`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from producers.till.gbs_agent import PASSWORD as GBS_PASSWORD
from producers.till.gbs_agent import Agent, keep_polling
from producers.till.look import BadLines
from producers.till.upload import READABLE, Lines, Upload, read_token, spool_folder, upload_files
from producers.till.words import language
from schemas.errors import InfrastructureUnreachable, UsageError, WebOfficeError
from schemas.limits import MAX_EVENTS

_REFUSED, _WRONG_USAGE, _UNREACHABLE, _UNEXPECTED, _INTERRUPTED = 1, 2, 3, 70, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # Windows: not its code page
    try:
        given = _parser().parse_args(arguments)
        run: Callable[[argparse.Namespace], int] = given.run
        return run(given)
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
        epilog="Exit codes: 0 done; 1 events were refused; 2 wrong usage; 3 not reachable.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    upload = commands.add_parser(
        "upload",
        help="send event files",
        description="Sends FILES (JSON Lines of events, also .gz) to the service, as a till does. "
        "Files with a line that is no event are refused whole, with every such line. "
        "Killed or broken off, it goes on where it stopped when it is called again. "
        "Acknowledged events stay in the spool for a while, and go again where the service lost them.",
    )
    _sending(upload)
    upload.add_argument(
        "--batch", type=_batch, default=MAX_EVENTS, metavar="EVENTS", help=f"in each upload (default: {MAX_EVENTS})"
    )
    upload.add_argument(
        "--send-the-good", action="store_true", help="where lines are no events, send the others; else nothing is sent"
    )
    upload.add_argument("--json", action="store_true", help="the answer as JSON")
    upload.add_argument("files", nargs="+", type=Path, metavar="FILE")
    upload.set_defaults(run=_upload)
    gbs = commands.add_parser(
        "gbs-market",
        help="send the sales of a GBS.Market till on this computer",
        description="Asks the JSON API of GBS.Market for sales, goods and stock, and sends what is new, until it is "
        f"stopped. The password of the API is read from {GBS_PASSWORD}.",
    )
    gbs.add_argument("address", metavar="ADDRESS", help="of the API, e.g. 127.0.0.1:5000")
    _sending(gbs)
    gbs.add_argument("--login", default="", help="of the API")
    gbs.add_argument("--every", type=float, default=60.0, metavar="SECONDS", help="between two rounds (default: 60)")
    gbs.add_argument("--once", action="store_true", help="one round, then end")
    gbs.add_argument("--since", type=date.fromisoformat, metavar="DAY", help="first day (default: 30 days ago)")
    gbs.add_argument("--discount", choices=["percent", "money", "included"], help="what the discount of a line is")
    gbs.set_defaults(run=_gbs_market)
    return parser


def _sending(command: argparse.ArgumentParser) -> None:
    command.add_argument("--url", required=True, help="address of the service, e.g. https://example.ru")
    command.add_argument("--token-file", type=Path, metavar="FILE", help="the till's token; else WEBOFFICE_TOKEN")
    command.add_argument("--token", help="the same in the open: others on this machine can read it")
    command.add_argument("--spool", type=Path, metavar="FOLDER", help="by default one per address and token")
    command.add_argument(
        "--give-up-after", type=float, default=60.0, metavar="SECONDS", help="without progress; 0: never (default: 60)"
    )


def _gbs_market(given: argparse.Namespace) -> int:
    if given.token:
        _say(READABLE)
    token = given.token or read_token(given.token_file, os.environ)
    home = Path(os.environ.get("WEBOFFICE_HOME") or ".weboffice")
    agent = Agent(
        given.address,
        given.login,
        os.environ.get(GBS_PASSWORD, ""),
        given.since or date.today() - timedelta(days=30),  # noqa: DTZ011 (by the clock of the till's computer)
        given.discount,
    )
    folder = given.spool or spool_folder(home, given.url, token)
    every = 0.0 if given.once else given.every
    return keep_polling(
        agent, given.url, token, folder, home / "spool-stamps", every, given.give_up_after or None, _say
    )


def _upload(given: argparse.Namespace) -> int:
    for path in given.files:
        if not path.is_file():
            raise UsageError(f"there is no file {path.name}")
    if given.token:
        _say(READABLE)
    what = Upload(
        given.url,
        given.token or read_token(given.token_file, os.environ),
        Path(os.environ.get("WEBOFFICE_HOME") or ".weboffice"),
        given.files,
        given.spool,
        given.give_up_after,
        given.batch,
        given.send_the_good,
        language=language(os.environ),
    )
    with BadLines() as bad:
        uploaded = upload_files(what, bad, Lines(sum(path.stat().st_size for path in given.files), _say))
        sys.stdout.writelines(uploaded.document() if given.json else uploaded.text())
        return 0 if uploaded.complete else _REFUSED


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
