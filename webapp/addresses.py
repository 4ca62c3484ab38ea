"""Parts of an address that are anything at all, line breaks included: Starlette's own `path` stops at those."""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Mount, compile_path
from starlette.types import ASGIApp


class _Anything(Convertor[str]):
    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())


def mount_at_root(app: ASGIApp, name: str) -> Mount:
    """A mount that answers every address; a plain one leaves those with a line break to nobody."""
    mount = Mount("", app=app, name=name)
    mount.path_regex, _, _ = compile_path("/{path:anything}")
    return mount
