"""The readable page of both APIs at `/api/docs`: made from the description by us, without a script."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from webapp.openapi import document

_TEMPLATE = Environment(
    loader=PackageLoader("webapp", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("apidocs.html")


@cache
def page() -> tuple[bytes, str]:
    """The page and its Content-Security-Policy, which allows its own style sheet and nothing else."""
    style = _TEMPLATE.blocks["style"]
    text = "".join(style(_TEMPLATE.new_context()))
    body = _TEMPLATE.render(api=document(), anchor=anchor, kind=kind, limits=limits).encode()
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return body, f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"


def anchor(method: str, path: str) -> str:
    """Where an operation stands on the page: `get-api-v1-outlets-outlet_id-daily`."""
    return f"{method}{path.replace('/', '-').replace('{', '').replace('}', '')}"


def kind(schema: dict[str, Any]) -> list[tuple[str, str]]:
    """What a schema is, in words; each is (text, name of the shape to link to or "")."""
    match schema:
        case {"$ref": str() as reference}:
            name = reference.rsplit("/", 1)[1]
            return [(name, name)]
        case {"anyOf": list() as choices} | {"oneOf": list() as choices}:
            return _joined([kind(choice) for choice in choices], " or ")
        case {"type": "array"}:
            return [("list of ", ""), *kind(schema.get("items", {}))]
        case {"type": "object"} if not schema.get("properties"):
            return [("object", "")]
        case {"const": constant}:
            return [(f"“{constant}”", "")]
        case {"enum": list() as values}:
            return [(", ".join(f"“{value}”" for value in values), "")]
        case {"type": list() as types}:
            return [(" or ".join(types), "")]
        case {"type": str() as name}:
            return [(f"{name} ({schema['format']})" if "format" in schema else name, "")]
        case _:
            return [("anything", "")]


def _joined(parts: list[list[tuple[str, str]]], by: str) -> list[tuple[str, str]]:
    joined: list[tuple[str, str]] = []
    for part in parts:
        joined += [*([(by, "")] if joined else []), *part]
    return joined


_LIMITS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "default": "by default {!r}",
}


def limits(schema: dict[str, Any]) -> str:
    """The bounds of a value in words."""
    return ", ".join(text.format(schema[name]) for name, text in _LIMITS.items() if name in schema)


async def _show(request: Request) -> Response:
    body, policy = page()
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "public, max-age=300",
    }
    return Response(body, media_type="text/html", headers=headers)


routes: list[BaseRoute] = [Route("/api/docs", _show)]
