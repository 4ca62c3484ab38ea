"""Templates compiled for one language: what does not depend on the page is done when a template is compiled.

A page says some hundreds of texts, most of them in each row of a table; looking them up was a fifth of what it took to
write. Each language has an environment of its own, so a constant text is translated once. Links and the attributes of
cells, as many, are called as they are, not by way of `Context.call`, which asks of each what kind of thing it is.
"""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

_TEXTS = frozenset(("_", "gettext"))
DIRECT = frozenset(("href", "cell"))
"""Functions of ours that take the context first. No template may call anything else by these names."""


class _Texts(NodeTransformer):
    def __init__(self, environment: Any) -> None:
        self._look_up = environment.globals["translated"]

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 (Jinja's name)
        self.generic_visit(node)
        match node:
            case nodes.Call(
                node=nodes.Name(name=name),
                args=[nodes.Const(value=str() as text)],
                kwargs=[],
                dyn_args=None,
                dyn_kwargs=None,
            ) if name in _TEXTS:
                # As Jinja's own `gettext` of the new style: the text is ours, and a percent sign in it is doubled.
                shown = Markup(self._look_up(text)) % {}  # noqa: S704
                return nodes.MarkSafe(nodes.Const(str(shown)), lineno=node.lineno)
        return node


class TranslatedCode(CodeGenerator):
    """What compiles the templates of an environment that has `translated(text)` among its globals."""

    def visit_Call(self, node: nodes.Call, frame: Any, forward_caller: bool = False) -> None:  # noqa: N802
        if not (isinstance(node.node, nodes.Name) and node.node.name in DIRECT):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(context")
        self.signature(node, frame)
        self.write(")")

    def visit_Template(self, node: nodes.Template, frame: Any = None) -> None:  # noqa: N802
        super().visit_Template(_Texts(self.environment).visit(node), frame)
