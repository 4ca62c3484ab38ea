"""Builds `weboffice-till`: the till client with what it imports, as one file (`.pyz`) and as a wheel.

Usage: build.py FOLDER. The modules are found by their imports, so nothing is forgotten and nothing else comes along.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
import zipapp
from pathlib import Path

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_MAIN = "producers.till.__main__"


def modules(name: str = _MAIN) -> set[str]:
    """A module of this repository with all of them that it imports, and their packages."""
    found, waiting = set[str](), {name}
    while waiting:
        module = waiting.pop()
        path = _path(module)
        if module in found or path is None:
            continue
        found.add(module)
        waiting.add(module.rpartition(".")[0])
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                waiting |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Import):
                waiting |= {alias.name for alias in node.names}
    return found


def stage(folder: Path) -> None:
    """Put the modules, and their SQL, into a folder that can be built."""
    for module in modules():
        path = _path(module)
        assert path
        target = folder / path.relative_to(_ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    for path in (_ROOT / "producers" / "till").glob("*.sql"):
        shutil.copy(path, folder / path.relative_to(_ROOT))


def build(target: Path) -> None:
    """Write `weboffice-till.pyz` and the wheel into a folder."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stage(folder)
        zipapp.create_archive(folder, target / "weboffice-till.pyz", "/usr/bin/env python3", f"{_MAIN}:exit_main")
        shutil.copy(_HERE / "pyproject.toml", folder)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "wheel"]
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", target, folder], check=True)


def _path(module: str) -> Path | None:
    base = _ROOT / module.replace(".", "/") if module else _ROOT / "missing"
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file() and module.split(".")[0] in ("producers", "schemas"):
            return path
    return None


if __name__ == "__main__":
    build(Path(sys.argv[1]))
