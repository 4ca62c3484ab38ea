"""`weboffice check-closing`: is this file of a closed month what was signed?"""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from schemas.errors import UsageError
from webapp.closings.document import Closing, NotGenuine, check
from webapp.signing import public_keys

_SIZE_BYTES_MAX = 256 * 1024 * 1024


@click.command("check-closing")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The installation's public key (PEM), as `weboffice closing-key` and the portal give it.",
)
@click.option("--json", "as_json", is_flag=True)
def check_closing(file: Path, key: Path, as_json: bool) -> None:
    """Check FILE, a closed month in JSON or as PDF, by the public key. Needs no service and no network.

    Exit code 0 where it is what was signed; 1 where it was altered, or signed by another key.
    """
    keys = public_keys(_read(key).decode("utf-8", "replace"))
    try:
        closing = check(_read(file), keys)
    except NotGenuine as exc:
        if as_json:
            click.echo(msgspec.json.encode({"genuine": False, "reason": str(exc)}).decode())
        raise
    if as_json:
        click.echo(msgspec.json.encode({"genuine": True, **_facts(closing)}).decode())
    else:
        click.echo("\n".join(["the file is what was signed", *(f"{k}: {v}" for k, v in _facts(closing).items())]))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _SIZE_BYTES_MAX:
            raise UsageError(f"{path} is too large for a closing or a key")
        return path.read_bytes()
    except OSError as exc:
        raise UsageError(f"{path} can't be read: {exc.strerror}") from exc


def _facts(closing: Closing | None) -> dict[str, object]:
    """What a checked file in JSON says; a PDF is read by a person."""
    if closing is None:
        return {}
    return {
        "closing_id": closing.closing_id,
        "outlet": closing.outlet.name,
        "first": closing.first,
        "last": closing.last,
        "closed_at": closing.closed_at,
        "revenue": closing.sum("revenue"),
        "sales": int(closing.sum("sales")),
        "knowingly": closing.ledger.knowingly,
    }
