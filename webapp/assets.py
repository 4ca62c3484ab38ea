"""Static files under an address that holds a digest of them all, so that browsers may keep them for ever.

`/static/1f2e3d4c5b/app.css`: the digest is a part of the path, as some proxies drop a query; it is one for the whole
folder, so that a script may import another by its relative name. A wrong digest is 404: an old page must not get a new
file under the old name.
"""

from __future__ import annotations

from hashlib import sha256
from importlib import resources
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(str(resources.files("webapp"))) / "static"
_FOR_EVER = "public, max-age=31536000, immutable"

_files = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*")) if path.is_file()}


NAMES = tuple(_files)


def _digest() -> str:
    digest = sha256()
    for name, path in _files.items():
        content = path.read_bytes()
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


VERSION = _digest()


def url(name: str) -> str:
    """Where browsers find a static file; raises `KeyError` where there is none of that name."""
    if name not in _files:
        raise KeyError(name)
    return f"/static/{VERSION}/{name}"


class Assets(StaticFiles):
    """Serves the files of `webapp/static`."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        version, _, name = path.partition("/")
        if version != VERSION or name not in _files:
            raise HTTPException(404)
        response = await super().get_response(name, scope)
        response.headers["Cache-Control"] = _FOR_EVER
        return response
