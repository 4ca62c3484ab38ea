"""A backup in a bucket of S3 or of what speaks its language, by `obstore`: an extra (`weboffice[s3]`).

There is no lock in a bucket. Two backups that write at once can't spoil it all the same: a manifest is only put in the
place of the one that was read before, so the second to end is refused, and its files go at the next backup.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from ops.backup.form import MANIFEST, Manifest, seal
from ops.backup.places import Place
from schemas.errors import InfrastructureUnreachable, Refused, UsageError

try:
    import obstore
    from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PreconditionError
    from obstore.store import ObjectStore, S3Store
except ImportError as exc:
    raise UsageError(f"backups to S3 need obstore ({exc.name} is missing): pip install 'weboffice[s3]'") from exc


class Bucket(Place):
    """`name` says which; `store` begins at the backup's own prefix."""

    def __init__(self, name: str, store: ObjectStore) -> None:
        self._name = name
        self._store = store
        self._seen: str | None = None

    def __str__(self) -> str:
        return self._name

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        yield

    def sizes(self) -> dict[str, int]:
        with self._reached():
            return {one["path"]: one["size"] for page in obstore.list(self._store) for one in page}

    def read(self, name: str) -> bytes:
        with self._reached():
            found = obstore.get(self._store, name)
            if name == MANIFEST:
                self._seen = found.meta["e_tag"]
            return bytes(found.bytes())

    def write(self, name: str, content: bytes) -> None:
        with self._reached():
            obstore.put(self._store, name, content)

    def remove(self, name: str) -> None:
        with self._reached():
            obstore.delete(self._store, name)

    def write_manifest(self, manifest: Manifest) -> None:
        mode: Any = {"e_tag": self._seen} if self._seen else "create"
        try:
            with self._reached():
                self._seen = obstore.put(self._store, MANIFEST, seal(manifest), mode=mode)["e_tag"]
        except (AlreadyExistsError, PreconditionError) as exc:
            raise Refused(f"another backup was written to {self} meanwhile: run it again") from exc

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (AlreadyExistsError, NotFoundError, PreconditionError):
            raise
        except BaseError as exc:
            raise InfrastructureUnreachable(f"{self}: {str(exc).splitlines()[0]}") from exc


def bucket(url: str) -> Bucket:
    """Of s3://BUCKET/FOLDER; keys, region and endpoint come from AWS's own variables (`AWS_ACCESS_KEY_ID`, …)."""
    if not os.environ.get("AWS_ACCESS_KEY_ID"):  # obstore would ask the machine's cloud for keys
        raise UsageError(f"{url}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_REGION, AWS_ENDPOINT_URL)")
    options: Any = {"timeout": "60s", "connect_timeout": "5s", "allow_http": "true"}  # who names http:// wants it
    retries: Any = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}
    try:
        store = S3Store.from_url(url.rstrip("/"), client_options=options, retry_config=retries)
    except (BaseError, ValueError) as exc:
        raise UsageError(f"{url} is no s3://BUCKET/FOLDER that can be used: {str(exc).splitlines()[0]}") from exc
    return Bucket(url.rstrip("/"), store)
