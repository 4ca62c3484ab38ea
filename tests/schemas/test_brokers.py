"""Where Kafka is, said in one text: what a client is told, what is shown, what is refused."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import brokers
from schemas.brokers import Brokers

_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


def test_addresses_alone_are_as_before() -> None:
    """`host:port,…` asks for nothing else."""
    assert brokers.options("one:9092,two:9092") == {"bootstrap_servers": "one:9092,two:9092"}
    assert brokers.addresses("one:9092") == "one:9092"


@given(user=_WORDS, password=_WORDS, mechanism=st.sampled_from(("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")))
def test_a_login_is_told_to_clients_and_never_shown(user: str, password: str, mechanism: str) -> None:
    """Whatever characters a password has: the client gets it, `addresses` does not hold it."""
    text = str(Brokers("one:9092,two:9093", "sasl_ssl", user, password, mechanism))
    told = brokers.options(text)
    assert (told["sasl_plain_username"], told["sasl_plain_password"]) == (user, password)
    assert (told["security_protocol"], told["sasl_mechanism"]) == ("SASL_SSL", mechanism)
    assert told["bootstrap_servers"] == brokers.addresses(text) == "one:9092,two:9093"


def test_certificates_and_names_are_verified() -> None:
    """With TLS the broker's certificate has to be right, and of its name."""
    for text in ("ssl://one:9092", "sasl_ssl://a:b@one:9092"):
        context = brokers.options(text)["ssl_context"]
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert "ssl_context" not in brokers.options("sasl_plaintext://a:b@one:9092")


@pytest.mark.parametrize(
    "text",
    [
        "one",
        "http://one:9092",
        "sasl_ssl://one:9092",
        "sasl_ssl://user@one:9092",
        "ssl://a:b-secret@one:9092",
        "sasl_ssl://a:b-secret@one:9092?mechanism=GUESS",
        "sasl_ssl://a:b-secret@one:9092?verify=no",
        "sasl_plaintext://a:b-secret@one:9092?ca=x",
        "sasl_ssl://a:b-secret@one",
    ],
)
def test_what_does_not_fit_is_refused_without_the_secret(text: str) -> None:
    """The reason names no password."""
    with pytest.raises(ValueError, match="is not|takes|there are|has no") as refused:
        brokers.read(text)
    assert "b-secret" not in str(refused.value)
