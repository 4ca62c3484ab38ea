"""Every page is declared whole: a line in the list, a template that uses what it is given, Russian texts, a test."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_type_hints

import pytest
from jinja2 import nodes

import webapp
from schemas.events import Payment
from tests.webapp.templates import TEMPLATES, closure, parsed, source, unknown_attributes, used_names
from webapp.context import Context
from webapp.layout import Layout
from webapp.page import AnyPage, Page
from webapp.pages import PAGES
from webapp.rendering import Always
from webapp.reports.gate import KEPT_REPORT
from webapp.words import PAYMENT_METHODS

_TESTS = Path(__file__).parents[1]
_ALWAYS = set(Always.__struct_fields__) | set(Layout.__struct_fields__)
_OTHERS = {"apidocs.html"}
"""not of the portal's pages"""


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(webapp.__path__, "webapp."):
        yield module.name


@cache
def _declared() -> dict[str, AnyPage]:
    """Every page that any module declares, by the name of its variable."""
    declared = {}
    for name in _modules():
        for variable, value in vars(importlib.import_module(name)).items():
            if isinstance(value, Page):
                declared[f"{name}.{variable}"] = value
    return declared


@cache
def _contexts() -> list[type[Context]]:
    for name in _modules():
        importlib.import_module(name)
    waiting, contexts = [Context], list[type[Context]]()
    while waiting:
        children = waiting.pop().__subclasses__()
        waiting += children
        contexts += [child for child in children if child.__module__.startswith("webapp.")]
    return sorted(contexts, key=lambda context: context.__qualname__)


def _name(value: object) -> str:
    return str(getattr(value, "path", None) or getattr(value, "__name__", value))


def test_every_page_is_listed() -> None:
    """A page that a module declares has its line in `webapp/pages.py`, exactly one."""
    unlisted = [name for name, page in _declared().items() if page not in PAGES]
    assert unlisted == [], "these pages have no line in PAGES of webapp/pages.py"
    paths = Counter([page.path for page in PAGES] + [path.path for page in PAGES for path in page.downloads])
    assert [path for path, count in paths.items() if count > 1] == [], "these paths are declared twice"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_page_says_what_it_shows(page: AnyPage) -> None:
    """What a page loads is a context, by its signature; its parts are live if it says so; its files stand on it."""
    assert page.contexts, f"{page.load.__module__}.{page.load.__name__} returns no context"
    text = "".join(map(source, closure(page.contexts[0].template)))
    parts = 'data-part="' in text
    if page.gate is not KEPT_REPORT:  # what is kept does not change
        assert parts == page.live, f"{page.path}: `live` says {page.live}, its template has data-part: {parts}"
    for download in page.downloads:
        assert f'exports("{download.path}"' in text, f"{page.path}: its template offers no {download.path}"
    assert not page.chooser or page.gate.figures


@pytest.mark.parametrize("context", _contexts(), ids=_name)
def test_a_context_has_its_template(context: type[Context]) -> None:
    """The template of a context is there, and one of the two says the title."""
    where = f"{context.__module__}.{context.__qualname__}"
    assert context.template in TEMPLATES, f"{where}: there is no webapp/templates/{context.template}"
    own = any(block.name == "title" for block in parsed(context.template).find_all(nodes.Block))
    assert own != bool(context.title), f"{where}: `title` or the block of its template, one of them says the title"


def test_every_template_belongs_to_a_page() -> None:
    """No template is left over: each is a context's, or a part of one that is."""
    used = {template for context in _contexts() for template in closure(context.template)}
    assert TEMPLATES - used - _OTHERS == set()


@pytest.mark.parametrize("context", _contexts(), ids=_name)
def test_a_template_uses_what_its_context_has(context: type[Context]) -> None:
    """Each name in a template is a field of its context, of `Layout` or of `Always`; and each field is used."""
    fields = set(context.__struct_fields__)
    assert fields & _ALWAYS == set(), f"{context.__qualname__} hides names of the layout"
    names = {name for template in closure(context.template) for name in used_names(template)}
    unknown = names - fields - _ALWAYS
    assert unknown == set(), f"{context.template} uses {unknown}: no fields of {context.__qualname__}"
    assert fields - names == set(), f"{context.template} does not use {fields - names} of {context.__qualname__}"


@pytest.mark.parametrize("context", _contexts(), ids=_name)
def test_a_template_uses_attributes_that_are_there(context: type[Context]) -> None:
    """`sale.number` is an attribute of what the context says `sale` is, through loops and attributes of attributes."""
    names = {**get_type_hints(Always), **get_type_hints(Layout), **get_type_hints(context)}
    unknown = {found for template in closure(context.template) for found in unknown_attributes(template, names)}
    assert unknown == set(), f"{context.template} of {context.__qualname__}"


def test_an_attribute_that_is_not_there_is_found() -> None:
    """The search finds one in a loop, behind an index, in a condition, and leaves macros' arguments alone."""
    text = """{% for day in days %}{{ day.revenu }}{% endfor %}{% if days[0].sales and outlet.nam %}{% endif %}
    {% macro m(x) %}{{ x.y }}{% endmacro %}{% set first = outlet %}{{ first.zon }}{{ outlet.zone }}"""
    from webapp.account_outlets import Outlet
    from webapp.reports.sums import Sums

    names = {"days": list[Sums], "outlet": Outlet}
    assert sorted(unknown_attributes(text, names)) == ["Outlet.nam", "Outlet.zon", "Sums.revenu"]


@cache
def _said_in_tests() -> frozenset[str]:
    """Every text in the tests; what an f-string fills in is \\0."""
    texts = set()
    for path in _TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = [str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values]
                texts.add("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
    return frozenset(texts)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_page_has_a_test(page: AnyPage) -> None:
    """A page has a test of its own that opens it, beside those that look at all pages."""
    path = re.compile(re.sub(r"\\\{.*?\\\}", r"[^/?]+", re.escape(page.path)) + r"(\?.*)?", re.DOTALL)
    # A path that goes on behind a variable: f"{base}/ledger".
    tail = page.path.rpartition("}")[2]
    opened = any(path.fullmatch(text) or (tail and text.endswith("\0" + tail)) for text in _said_in_tests())
    assert opened or "{secret}" in page.path, f"no test opens {page.path}"


def test_every_payment_method_has_a_word() -> None:
    """What tills may name as a method of payment has a word here, and nothing else has."""
    methods = get_type_hints(Payment)["method"].__args__
    assert set(PAYMENT_METHODS) == set(methods)
