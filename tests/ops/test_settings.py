"""Settings are checked at start, and the message says what to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import settings
from schemas.errors import UsageError


@pytest.mark.asvs("V13.4.5", "metrics listen on every address")
def test_without_an_environment_everything_runs_embedded_on_loopback() -> None:
    """The defaults name no server and listen on loopback."""
    found = settings.read({})
    assert (found.kafka, found.postgres, found.host, found.metrics_host) == ("", "", "127.0.0.1", "127.0.0.1")
    assert found.home == Path(".weboffice").absolute()
    assert found.partitions == 12


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    """What `…_FILE` names is read; both at once, a file that is not there, and one of what is no secret are refused."""
    path = tmp_path / "secret"
    path.write_text("postgresql://a:b@db.example/c\n")
    found = settings.read({"WEBOFFICE_POSTGRES_FILE": str(path), "WEBOFFICE_PAYMENT_SECRET_FILE": str(path)})
    assert found.postgres == found.payment_secret == "postgresql://a:b@db.example/c"
    both = {"WEBOFFICE_POSTGRES": "postgresql://x/y", "WEBOFFICE_POSTGRES_FILE": str(path)}
    gone = {"WEBOFFICE_POSTGRES_WORKER_FILE": str(tmp_path / "gone")}
    for environment in (both, gone, {"WEBOFFICE_LOG_FILE": str(path)}):
        with pytest.raises(UsageError, match="_FILE"):
            settings.read(environment)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WEBOFFICE_KAFKA", "localhost"),
        ("WEBOFFICE_POSTGRES", "mysql://root@localhost"),
        ("WEBOFFICE_PARTITIONS", "0"),
        ("WEBOFFICE_PARTITIONS", "many"),
        ("WEBOFFICE_METRICS_PORT", "70000"),
        ("WEBOFFICE_LOG", "xml"),
        ("WEBOFFICE_TOPIC_PREFIX", "a b"),
        ("WEBOFFICE_PUBLIC_URL", "shop.example"),
        ("WEBOFFICE_KAFFKA", "127.0.0.1:9092"),
    ],
)
def test_a_wrong_setting_is_named(variable: str, value: str) -> None:
    """A value of the wrong form, and a variable that is none of ours, are refused by name."""
    with pytest.raises(UsageError, match=variable):
        settings.read({variable: value})


def test_an_address_for_questions_is_one() -> None:
    """What is no e-mail address is refused when a command starts, not when the first owner writes."""
    assert settings.read({"WEBOFFICE_SUPPORT_EMAIL": "help@office.example"}).support_email == "help@office.example"
    for wrong in ("help", "help@", "a b@c", "a@b\nBcc: c@d"):
        with pytest.raises(UsageError, match="SUPPORT_EMAIL"):
            settings.read({"WEBOFFICE_SUPPORT_EMAIL": wrong})
