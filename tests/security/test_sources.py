"""What the service's sources never do, whoever sends what: looked for in all of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_FOLDERS = ("schemas", "producers", "streams", "projections", "notices", "webapp", "ops")
_OURS = [path for folder in _FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
_SCRIPTS = sorted((ROOT / "webapp" / "static").glob("*.js"))
_RANDOM = {
    *("producers/till/client.py", "producers/kafka.py", "projections/proof/verify.py"),  # when to try again, samples
    "producers/simulator",
}
_CALLERS = {
    "webapp/mail.py": "the SMTP server of the settings",
    "notices/telegram.py": "the Telegram API of the settings",
    "notices/push.py": "browsers' push services, at public addresses (decision 120)",
    "notices/delivery.py": "the SMTP server of the settings",
    "ops/compose/healthy.py": "this machine",
    "ops/commands/up.py": "this machine",
    "ops/commands/demo.py": "this machine",
    "webapp/demonstration/upstream.py": "this machine, where the demonstration is (decision 192)",
    "ops/terminal/demo_figures.py": "this machine",
    "ops/infrastructure/kafka.py": "this machine",
    "ops/infrastructure/jars.py": "where a jar of the lock is fetched",
    "producers/till": "the gateway of the till's settings; `weboffice import` as well",
    "producers/importers": "the gateway of the settings",
    "producers/conform": "the gateway that is tried",
    "producers/simulator": "the gateway that is given",
}
_CLIENTS = {
    "httpx",
    "requests",
    "aiohttp",
    "urllib3",
    "urllib.request",
    "http.client",
    "smtplib",
    "ftplib",
    "telnetlib",
}


@cache
def _nodes() -> list[tuple[str, ast.AST]]:
    """(file, node) of all calls and imports; read once."""
    wanted = (ast.Call, ast.Import, ast.ImportFrom)
    return [
        (str(path.relative_to(ROOT)), node)
        for path in _OURS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, wanted)
    ]


def _dotted(node: ast.AST) -> str:
    """`a.b.c` as it is written; of what is called or computed before a dot nothing but `()`."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "()"


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    """(file, what is called as it is written, the call)."""
    for file, node in _nodes():
        if isinstance(node, ast.Call):
            yield file, _dotted(node.func), node


def _imported() -> Iterator[tuple[str, str]]:
    for file, node in _nodes():
        if isinstance(node, ast.Import):
            yield from ((file, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield file, node.module
            yield from ((file, f"{node.module}.{alias.name}") for alias in node.names)


def _within(file: str, places: set[str] | dict[str, str]) -> bool:
    return any(file == place or file.startswith(f"{place}/") for place in places)


@pytest.mark.asvs("V1.2.4", "a statement of SQL is put together of values")
def test_statements_hold_no_values() -> None:
    """What is executed is a named statement, a literal, or composed of identifiers; never text with something in it."""
    composed = [
        f"{file}:{call.lineno}"
        for file, name, call in _calls()
        if name.rpartition(".")[2] in ("execute", "executemany", "stream")
        and call.args
        and (
            isinstance(call.args[0], ast.JoinedStr)
            or (isinstance(call.args[0], ast.BinOp) and isinstance(call.args[0].op, ast.Mod | ast.Add))
            or (isinstance(call.args[0], ast.Call) and ast.unparse(call.args[0].func).startswith(("str.", "'", '"')))
        )
    ]
    assert composed == []


@pytest.mark.asvs("V1.2.5", "a command goes through a shell")
def test_no_command_goes_through_a_shell() -> None:
    """Programs are started with a list of arguments, and no shell reads them."""
    assert {name for _, name, _ in _calls()} & {"os.system", "os.popen", "subprocess.getoutput", "pty.spawn"} == set()
    through = [
        file
        for file, _, call in _calls()
        for each in call.keywords
        if each.arg == "shell" and not (isinstance(each.value, ast.Constant) and each.value.value is False)
    ]
    assert through == []


@pytest.mark.asvs("V1.2.9", "a pattern is made of what somebody typed")
def test_patterns_are_not_made_of_what_is_typed() -> None:
    """A pattern is a literal, or of literals and escaped texts: its signs mean what was meant."""
    made = [
        f"{file}:{part.lineno}"
        for file, name, call in _calls()
        if name in {f"re.{each}" for each in ("compile", "search", "match", "fullmatch", "sub", "split", "findall")}
        and call.args
        and isinstance(call.args[0], ast.JoinedStr)
        for part in call.args[0].values
        if isinstance(part, ast.FormattedValue) and not re.match(r"_?[A-Z_]+$|re\.escape\(|'", ast.unparse(part.value))
    ]
    assert made == []


@pytest.mark.asvs("V1.3.2", "text is run as a program")
def test_no_text_is_run() -> None:
    """Nothing is evaluated or executed, but for folds that are put together of our own identifiers at the start."""
    run = {file for file, name, _ in _calls() if name in ("eval", "exec", "compile", "__import__")}
    assert run == {"projections/kinds/compiled.py"}
    for script in _SCRIPTS:
        assert not re.search(r"\beval\(|new Function\(|document\.write|setTimeout\(['\"]", script.read_text()), script


@pytest.mark.asvs("V1.3.7", "a template is made of a text")
def test_templates_are_files() -> None:
    """No template is made of a text, and what is written into one is escaped."""
    assert not {file for file, name, _ in _calls() if name.endswith((".from_string", "jinja2.Template"))}
    environments = [call for _, name, call in _calls() if name.rpartition(".")[2] == "Environment"]
    assert environments
    assert all("autoescape=True" in ast.unparse(call) for call in environments)
    for template in (ROOT / "webapp" / "templates").rglob("*.html"):
        assert "autoescape false" not in template.read_text(), template


@pytest.mark.asvs("V11.4.1", "something is hashed by MD5 or SHA-1")
@pytest.mark.asvs("V11.4.3", "something is hashed to less than 256 bits")
def test_hashes_are_of_256_bits() -> None:
    """Of hashlib SHA-256 and longer alone; other digests' names occur nowhere."""
    used = {name.partition(".")[2] for _, name, _ in _calls() if name.startswith("hashlib.")}
    used |= {name.rpartition(".")[2] for _, name in _imported() if name.startswith("hashlib.")}
    assert used <= {"sha256", "sha384", "sha512", "blake2b", "file_digest"}
    assert not any(re.search(r"['\"](md5|sha1)['\"]", path.read_text(), re.IGNORECASE) for path in _OURS)


@pytest.mark.asvs("V11.2.1", "cryptography is written here, or comes from elsewhere")
def test_cryptography_is_of_its_libraries() -> None:
    """Ciphers, hashes of passwords and codes come from `cryptography`, argon2-cffi and pyotp, the rest from Python."""
    known = {"cryptography", "argon2", "pyotp", "hashlib", "hmac", "secrets", "ssl"}
    suspects = {"Crypto", "Cryptodome", "nacl", "rsa", "ecdsa", "jwt", "jose", "passlib", "bcrypt", "M2Crypto", "crypt"}
    roots = {name.partition(".")[0] for _, name in _imported()}
    assert roots & suspects == set()
    assert {"cryptography", "argon2", "pyotp", "hashlib", "secrets"} <= roots & known


@pytest.mark.asvs("V6.5.3", "a code or its secret comes from `random`")
@pytest.mark.asvs("V11.5.1", "a secret comes from `random`, or is a UUID")
def test_secrets_come_from_the_system() -> None:
    """`random` is for samples, pauses and the simulator; tokens, links, codes and keys come from `secrets`."""
    assert [file for file, name in _imported() if name.split(".")[0] == "random" and not _within(file, _RANDOM)] == []
    makers = ("schemas/tokens.py", "webapp/sealing.py", "webapp/keyfiles.py", "webapp/pushkey.py")
    made = "".join((ROOT / maker).read_text() for maker in makers)
    assert "uuid" not in made.replace("from uuid import UUID", "").replace(": UUID", "")
    assert made.count("secrets.token_") >= 5


@pytest.mark.asvs("V1.3.6", "the service calls an address that somebody typed")
@pytest.mark.asvs("V13.2.4", "a module that is not named calls another server")
@pytest.mark.asvs("V13.2.5", "the portal or the gateway calls another server")
@pytest.mark.asvs("V15.3.2", "a call follows where it is led")
def test_who_calls_other_servers_is_known() -> None:
    """Beside Kafka and PostgreSQL the service calls what its settings name, and nothing a person or till named but a
    browser's push service: the modules that can are listed here. None of them follows redirects."""
    callers = {
        file for file, name in _imported() if name in _CLIENTS or name.partition(".")[0] in _CLIENTS - {"urllib"}
    }
    assert [file for file in callers if not _within(file, _CALLERS)] == []
    portals = {file for file in callers if file.startswith(("webapp/", "producers/gateway/"))}
    assert portals == {"webapp/mail.py", "webapp/demonstration/upstream.py"}
    followed = [file for file, _, call in _calls() if any(each.arg == "follow_redirects" for each in call.keywords)]
    assert followed == []


@pytest.mark.asvs("V15.3.6", "a script writes to a name that comes from data")
def test_scripts_keep_and_merge_nothing() -> None:
    """No script keeps anything in the browser (but the worker the last figures: decision 121), takes over the fields of
    what came, or touches a prototype."""
    assert len(_SCRIPTS) >= 5
    for script in _SCRIPTS:
        text = script.read_text()
        assert "caches" not in text or script.name == "worker.js"
        assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie", text), script
        assert not re.search(r"__proto__|\.prototype\b|Object\.assign|structuredClone|\bfor\s*\(\w+ \w+ in\b", text), (
            script
        )


@pytest.mark.asvs("V15.1.2", "a dependency is not in the lock file, or without its digest")
def test_every_dependency_is_locked_by_its_digest() -> None:
    """The lock files, of which `make sbom` writes the bill of materials, have versions and digests for everything."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        entries = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text().strip(), flags=re.IGNORECASE)
        assert len(entries) > 40
        assert [entry for entry in entries if not re.match(r"\S+==\S+.*--hash=sha256:", entry, re.DOTALL)] == []
    assert "\nsbom:" in (ROOT / "Makefile").read_text()


@pytest.mark.asvs("V13.4.1", "the repository comes into the image")
@pytest.mark.asvs("V15.2.3", "tests or tools come into the image")
def test_the_image_holds_the_service_alone() -> None:
    """What an image is built from is named; neither the repository nor tests, benchmarks or tools are among it."""
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert rules[1] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    requirements = {f"requirements{extra}.txt" for extra in ("", "-export", "-s3")}
    assert let_in == {*requirements, "pyproject.toml", "README.md", "LICENSE", *_FOLDERS}
    assert "requirements-dev" not in (ROOT / "Dockerfile").read_text()
