"""Settings are checked at start, and the message says what to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import settings
from schemas.errors import UsageError


def test_without_an_environment_everything_runs_embedded_on_loopback() -> None:
    """The defaults name no server and listen on loopback."""
    found = settings.read({})
    assert (found.kafka, found.postgres, found.host, found.metrics_host) == ("", "", "127.0.0.1", "127.0.0.1")
    assert found.home == Path(".weboffice").absolute()
    assert found.partitions == 12


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
