"""Static files under names that hold a digest of their content, so that browsers may keep them for ever.

`/static/app.css?v=…` would do for browsers, but some proxies drop the query; so the digest is a part of the path:
`/static/1f2e3d4c5b/app.css`. A wrong digest is 404: an old page must not get a new file under the old name.
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


def _digests() -> dict[str, str]:
    files = [path for path in sorted(FOLDER.rglob("*")) if path.is_file()]
    return {path.relative_to(FOLDER).as_posix(): sha256(path.read_bytes()).hexdigest()[:10] for path in files}


_digest = _digests()


def url(name: str) -> str:
    """Where browsers find a static file; raises `KeyError` where there is none of that name."""
    return f"/static/{_digest[name]}/{name}"


class Assets(StaticFiles):
    """Serves the files of `webapp/static`."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        digest, _, name = path.partition("/")
        if _digest.get(name) != digest:
            raise HTTPException(404)
        response = await super().get_response(name, scope)
        response.headers["Cache-Control"] = _FOR_EVER
        return response
