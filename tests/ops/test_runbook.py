"""What the documents tell an operator to type can be typed."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from ops.cli import weboffice

_ROOT = Path(__file__).parents[2]
_TYPED = re.compile(r"(?:^ {4}|`)weboffice ([^`\n#]+)", re.MULTILINE)
_OPTION = re.compile(r"--[a-z][a-z-]*")


@pytest.mark.parametrize(
    "document", ["README.md", "docs/operations.md", "docs/deployment.md", "docs/privacy.md", "docs/till-integration.md"]
)
def test_commands_and_options_in_a_document_exist(document: str) -> None:
    """Each `weboffice …` names a command, and every option after it is one of that command's."""
    typed = _TYPED.findall((_ROOT / document).read_text())
    assert typed or document == "docs/privacy.md"
    for line in typed:
        command: click.Command = weboffice
        words = line.split()
        context = click.Context(weboffice)
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            found = [command.get_command(context, name) for name in words.pop(0).split("|")]
            assert None not in found, line
            command = found[0] or command
        known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
        assert set(_OPTION.findall(line)) <= known, line
