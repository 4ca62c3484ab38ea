"""The command `weboffice`. Commands live in `ops/commands/`, one module each, and are imported when they are called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec

import click
import psycopg
import structlog
from aiokafka.errors import KafkaError

from ops import logs, settings
from ops.checks.postgres import FREE_A_CONNECTION, no_free_connection
from projections.generations.fits import LogLost
from schemas.errors import InfrastructureUnreachable, Refused, UsageError, WebOfficeError

log = structlog.get_logger(__name__)

NO, WRONG_USAGE, UNREACHABLE, UNEXPECTED = 1, 2, 3, 70

_COMMANDS = {
    "account": ("account", "Close an account, open it again, end all that is signed in to it."),
    "analyst": ("analyst", "Logins that read the views of the schema `report`, and nothing else."),
    "backup": ("backup", "Back up what can't be made again, while everything runs."),
    "check-closing": ("check_closing", "Check a closed month's file by a public key, without a network."),
    "closing-key": ("closing_key", "The public keys by which closed months are checked."),
    "conform": ("conform", "Check a till program or a server against the contract."),
    "demo": ("demo", "The whole service with simulated tills and a sign-in link."),
    "doctor": ("doctor", "Check a set-up and say what to mend."),
    "erase-test": ("erase_test", "Erase an outlet for trying."),
    "export": ("export", "Write everything of an account as Parquet."),
    "forget": ("forget", "Erase a contact's name, now and in every replay."),
    "gap": ("gap", "Give up events that will never come."),
    "generations": ("generations", "List, switch and drop generations of read models."),
    "import": ("import_", "Bring in what a shop already has: receipts, goods, exports of other programs."),
    "install-service": ("install_service", "Write units of systemd that run the service on this host."),
    "ledger": ("ledger", "Account for every event of the log."),
    "licence": ("licence", "Invoices and licences."),
    "log": ("log", "A log that was replaced, cut short or has a hole: what is known, and going on."),
    "migrate": ("migrate", "Bring the database and the topics up to date."),
    "privacy-scan": ("privacy_scan", "Look for names, e-mails and phones where none may be."),
    "provision": ("provision", "Make (or find) an account and its outlets, issue tokens."),
    "quarantine": ("quarantine", "Records that were set aside: list, show, retry, discard."),
    "rebuild": ("rebuild", "Replay the log into new read models, verify them, switch."),
    "restore": ("restore", "Restore a backup into empty servers or an empty home."),
    "serve": ("serve", "Run one HTTP process: gateway, portal or all."),
    "settings": ("settings", "List the settings and what they are now."),
    "simulate": ("simulate", "Tills that behave like real ones, over the upload API."),
    "status": ("status", "What runs, and how far the log is worked off."),
    "up": ("up", "Run everything: Kafka, PostgreSQL and the service."),
    "upload": ("upload", "Send event files through the till client."),
    "verify": ("verify", "Fold the log again and compare with the live read models, row by row."),
    "why": ("why", "The events that a figure is made of."),
    "work": ("work", "Run one worker: anonymise, project or import."),
}


class _Commands(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, _ = _COMMANDS[name]
        if find_spec(f"ops.commands.{module}") is None:
            return None
        command: click.Command = getattr(import_module(f"ops.commands.{module}"), module)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in self.list_commands(context)])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="weboffice")
@click.pass_context
def weboffice(context: click.Context) -> None:
    """Веб-офис: owners of retail outlets watch their tills from any browser.

    Settings come from the environment (`weboffice settings`). Exit codes: 0 done; 1 the answer is 'no';
    2 wrong usage; 3 infrastructure not reachable; 70 an error of the program.
    """
    found = settings.read()
    os.environ.setdefault("PGCONNECT_TIMEOUT", "10")  # one that takes connections and says nothing is away, too
    logs.configure(found, context.invoked_subcommand or "weboffice")
    context.obj = found


def main() -> None:
    """The command line."""
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Runs a command (by default that of the command line) and turns errors into exit codes.

    Whatever nobody foresaw is `UNEXPECTED`, never the 1 of Python's own: 1 is an answer.
    """
    try:
        code = weboffice.main(arguments, prog_name="weboffice", standalone_mode=False)
    except click.exceptions.Abort:
        return 130
    except click.ClickException as exc:
        exc.show()
        return WRONG_USAGE
    except Refused as exc:
        return _complain(exc, NO)
    except UsageError as exc:
        return _complain(exc, WRONG_USAGE)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return _complain("the database is not set up, or an older version's: run `weboffice migrate`", UNREACHABLE)
    except (InfrastructureUnreachable, psycopg.OperationalError, KafkaError, ConnectionError) as exc:
        if no_free_connection(exc):
            return _complain(f"PostgreSQL has no connection free ({exc}): {FREE_A_CONNECTION}", UNREACHABLE)
        return _complain(str(exc).strip() or type(exc).__name__, UNREACHABLE)
    except LogLost as exc:
        return _complain(exc, NO)
    except WebOfficeError as exc:
        return _complain(exc, UNEXPECTED)
    except Exception as exc:
        log.error("unexpected", exc_info=exc)
        return _complain(f"{type(exc).__name__}: {exc}", UNEXPECTED)
    return code if isinstance(code, int) else 0


def _complain(what: object, code: int) -> int:
    click.echo(f"weboffice: {what}", err=True)
    return code
