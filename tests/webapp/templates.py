"""The portal's templates as a test sees them: what belongs to one, and which attributes of which types it uses."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from jinja2 import meta, nodes

from webapp.rendering import environment

_FOLDER = Path(__file__).parents[2] / "webapp" / "templates"
TEMPLATES = {path.relative_to(_FOLDER).as_posix() for path in _FOLDER.rglob("*.html")}
ENVIRONMENT = environment("ru")


@cache
def source(template: str) -> str:
    return (_FOLDER / template).read_text()


@cache
def parsed(template: str) -> nodes.Template:
    return ENVIRONMENT.parse(source(template))


@cache
def closure(template: str) -> frozenset[str]:
    """The template with all that it extends, includes and imports."""
    names, waiting = {template}, [template]
    while waiting:
        tree = parsed(waiting.pop())
        for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
            found = {constant.value for constant in node.template.find_all(nodes.Const)}  # type: ignore[attr-defined]
            if isinstance(node.template, nodes.Const):  # type: ignore[attr-defined]
                found = {node.template.value}  # type: ignore[attr-defined]
            following = (found & TEMPLATES) - names
            names |= following
            waiting += following
    return frozenset(names)


@cache
def used_names(template: str) -> frozenset[str]:
    """The names that a template takes from outside: neither bound in it nor known to all templates."""
    tree = parsed(template)
    bound = {"_trans"}  # of Jinja itself
    for assigned in tree.find_all((nodes.Assign, nodes.AssignBlock)):
        bound |= {name.name for name in assigned.target.find_all(nodes.Name)}  # type: ignore[attr-defined]
        bound |= {assigned.target.name} if isinstance(assigned.target, nodes.Name) else set()  # type: ignore[attr-defined]
    for imported in tree.find_all(nodes.Import):
        bound.add(imported.target)
    for imported_from in tree.find_all(nodes.FromImport):
        bound |= {name if isinstance(name, str) else name[1] for name in imported_from.names}
    return frozenset(meta.find_undeclared_variables(tree) - bound - ENVIRONMENT.globals.keys())


def unknown_attributes(template: str, names: Mapping[str, Any]) -> set[str]:
    """The attributes, as `Type.attribute`, that a template (by its name, or its text) uses of types that have none.

    `names` says which types its names have. What can't be known (a macro's argument, a filter's result) is let pass.
    """
    walk = _Walk()
    walk.into(parsed(template) if template in TEMPLATES else ENVIRONMENT.parse(template), dict(names))
    return walk.unknown


class _Walk:
    def __init__(self) -> None:
        self.unknown: set[str] = set()

    def into(self, node: nodes.Node, names: dict[str, Any]) -> None:
        match node:
            case nodes.For():
                inner = dict(names)
                _bind(node.target, _element(self.type(node.iter, names)), inner)
                for child in (node.test, *node.body, *node.else_):
                    if child is not None:
                        self.into(child, inner)
            case nodes.Macro():
                inner = {**names, **dict.fromkeys([argument.name for argument in node.args], Any)}
                for child in node.body:
                    self.into(child, inner)
            case nodes.Assign():
                _bind(node.target, self.type(node.node, names), names)
            case nodes.Block():
                for child in node.body:
                    self.into(child, dict(names))
            case nodes.FromImport():
                names.update(dict.fromkeys([name if isinstance(name, str) else name[1] for name in node.names], Any))
            case nodes.Import():
                names[node.target] = Any
            case nodes.Expr():
                self.type(node, names)
            case _:
                for child in node.iter_child_nodes():
                    self.into(child, names)

    def type(self, node: nodes.Node, names: dict[str, Any]) -> Any:
        """The type of an expression, `Any` where it can't be known."""
        match node:
            case nodes.Name():
                return names.get(node.name, Any)
            case nodes.Getattr():
                return self._attribute(self.type(node.node, names), node.attr)
            case nodes.Getitem():
                whole = self.type(node.node, names)
                self.type(node.arg, names)
                return whole if isinstance(node.arg, nodes.Slice) else _item(whole)
            case nodes.Call():
                for child in node.iter_child_nodes():
                    self.type(child, names)
                return Any
            case nodes.CondExpr() | nodes.Filter():
                for child in node.iter_child_nodes():
                    self.type(child, names)
                return Any
            case _:
                for child in node.iter_child_nodes():
                    self.type(child, names)
                return Any

    def _attribute(self, owner: Any, attribute: str) -> Any:
        kinds = [kind for kind in _arms(owner) if isinstance(get_origin(kind) or kind, type)]
        if len(kinds) != 1:
            return Any
        kind = get_origin(kinds[0]) or kinds[0]
        if kind in (object, Any):
            return Any
        hints = get_type_hints(kind)
        if attribute in hints:
            return hints[attribute]
        if not hasattr(kind, attribute):
            if issubclass(kind, Mapping):
                return Any  # an item
            self.unknown.add(f"{kind.__name__}.{attribute}")
            return Any
        member = getattr(kind, attribute)
        return get_type_hints(member.fget).get("return", Any) if isinstance(member, property) and member.fget else Any


def _arms(kind: Any) -> list[Any]:
    """The arms of a union, None left out."""
    if get_origin(kind) in (Union, types.UnionType):
        return [arm for arm in get_args(kind) if arm is not type(None)]
    return [] if kind is Any else [kind]


def _element(kind: Any) -> Any:
    """What a loop over it gives."""
    for arm in _arms(kind):
        origin, arguments = get_origin(arm), get_args(arm)
        if isinstance(origin, type) and arguments and issubclass(origin, Sequence | AbstractSet | Mapping):
            return arguments[0]
    return Any


def _item(kind: Any) -> Any:
    """What an index or a key gives."""
    for arm in _arms(kind):
        origin, arguments = get_origin(arm), get_args(arm)
        if isinstance(origin, type) and arguments and issubclass(origin, Mapping):
            return arguments[1]
        if isinstance(origin, type) and arguments and issubclass(origin, Sequence):
            return arguments[0]
    return Any


def _bind(target: nodes.Node, kind: Any, names: dict[str, Any]) -> None:
    if isinstance(target, nodes.Name):
        names[target.name] = kind
        return
    for name in target.find_all(nodes.Name):
        names[name.name] = Any
