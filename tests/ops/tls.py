"""Servers that demand TLS: an embedded broker with SASL_SSL and SCRAM, a front before PostgreSQL's socket."""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

from msgspec import Struct

from ops.infrastructure.kafka import EmbeddedKafka
from schemas.brokers import Brokers

USER, PASSWORD = "till-hall", "a pass/word: with @ and %"
_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


class Certificates(Struct, frozen=True):
    """An authority, and a key and certificate that it signed for `localhost`. `other` is an authority nobody asked."""

    ca: Path
    chain: Path
    key: Path
    other: Path


def certificates(folder: Path) -> Certificates:
    """Made by openssl, valid for a day."""
    make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    for name in ("ca", "other"):
        _openssl(folder, *make, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    names = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
    signed = ["-subj", "/CN=localhost", *names, "-CA", "ca.pem", "-CAkey", "ca.key"]
    _openssl(folder, *make, *signed, "-keyout", "server.key", "-out", "server.pem")
    return Certificates(*(folder / name for name in ("ca.pem", "server.pem", "server.key", "other.pem")))


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


class StrictKafka(EmbeddedKafka):
    """Its clients come with TLS and SCRAM-SHA-512, or not at all."""

    _format_options = ("--add-scram", f'SCRAM-SHA-512=[name={USER},password="{PASSWORD}"]')

    def __init__(self, home: Path, cache: Path, found: Certificates) -> None:
        super().__init__(home, cache)
        self._certificates = found

    def address_at(self, port: int) -> str:
        ca = str(self._certificates.ca)
        return str(Brokers(f"localhost:{port}", "sasl_ssl", USER, PASSWORD, "SCRAM-SHA-512", ca))

    def _configure(self) -> None:
        super()._configure()
        file = self._home / "server.properties"
        text = file.read_text()
        for before, after in (
            ("CLIENTS:SASL_PLAINTEXT", "CLIENTS:SASL_SSL"),
            ("listener.name.clients.plain.", "listener.name.nobody.plain."),
            ("advertised.listeners=CLIENTS://127.0.0.1", "advertised.listeners=CLIENTS://localhost"),
            ("sasl.mechanism.inter.broker.protocol=PLAIN", "sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512"),
        ):
            assert before in text, before
            text = text.replace(before, after)
        login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
        text += (
            f'listener.name.clients.scram-sha-512.sasl.jaas.config={login} username="{USER}" password="{PASSWORD}";\n'
            "listener.name.clients.sasl.enabled.mechanisms=SCRAM-SHA-512\n"
            "ssl.keystore.type=PEM\nssl.truststore.type=PEM\n"
            f"ssl.keystore.certificate.chain={_on_a_line(self._certificates.chain)}\n"
            f"ssl.keystore.key={_on_a_line(self._certificates.key)}\n"
            f"ssl.truststore.certificates={_on_a_line(self._certificates.ca)}\n"
        )
        file.write_text(text)


def _on_a_line(pem: Path) -> str:
    return pem.read_text().strip().replace("\n", "\\n")


@contextlib.contextmanager
def strict_postgres(path: Path, found: Certificates) -> Iterator[int]:
    """A port of loopback where PostgreSQL's start of TLS is spoken, and nothing without; passes on to a socket."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(found.chain, found.key)

    class Front(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if self.request.recv(8) != _SSL_REQUEST:
                return
            self.request.sendall(b"S")
            with (
                contextlib.suppress(OSError),
                context.wrap_socket(self.request, server_side=True) as client,
                socket.socket(socket.AF_UNIX) as server,
            ):
                server.connect(str(path))
                _pass_on(client, server)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Front) as listening:
        listening.daemon_threads = True
        Thread(target=listening.serve_forever, daemon=True).start()
        yield listening.server_address[1]
        listening.shutdown()


def _pass_on(client: ssl.SSLSocket, server: socket.socket) -> None:
    """Both ways, until either side hangs up."""
    while True:
        ready = [client] if client.pending() else select.select([client, server], [], [])[0]
        for source, target in ((client, server), (server, client)):
            if source in ready:
                piece = source.recv(65536)
                if not piece:
                    return
                target.sendall(piece)
