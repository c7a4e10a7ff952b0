"""Keys, clusters and secrets that stand in Python code under a name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .findings import Literally
from .names import dotted
from .settings import is_pushers, kind_of
from .values import literal
from .walk import is_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .module import Module
    from .reader import Notes
    from .scopes import Scope

__all__ = ["read_constant"]


def read_constant(node: ast.AST, scope: Scope, module: Module, to: Notes) -> None:
    """Take down ``PUSHER_SECRET = "…"`` and its like."""
    prefix = "" if not scope.classes else f"{scope.classes[-1].name}."
    for name, value in _named(node):
        if not is_pushers(f"{prefix}{name}"):
            continue
        text = literal(value)
        if text is not None and isinstance(value, ast.Constant) and isinstance(value.value, str):
            _take(name, text, value.lineno, module, to)


def _named(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names with the values that they are given."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _target(target, node.value)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _target(node.target, node.value)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            name = literal(key)
            if name is not None:
                yield name, value
    elif isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg is not None:
                yield keyword.arg, keyword.value
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("setdefault", "setenv"):
            name = literal(node.args[0]) if node.args else None
            if name is not None and len(node.args) > 1:
                yield name, node.args[1]


def _target(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    name = literal(target.slice) if isinstance(target, ast.Subscript) else dotted(target)
    if name is None:
        return
    yield name, value
    if isinstance(value, ast.Dict):  # PUSHER = {"secret": "…"}
        for key, inner in zip(value.keys, value.values, strict=True):
            part = literal(key)
            if part is not None and not is_pushers(part):
                yield f"{name}.{part}", inner


def _take(name: str, text: str, line: int, module: Module, to: Notes) -> None:
    kind = kind_of(name.rpartition(".")[2])
    if kind == "secret":
        to.secret(module.path, line, text, name)
    elif kind == "url":
        to.secret_in_url(module.path, line, text, name)
    elif kind in ("key", "cluster") and text and not is_test(module.path):
        to.literals.append(Literally(kind, text, module.path, line))
