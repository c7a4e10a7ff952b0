"""Where a value comes from: a literal, the environment, a framework's settings."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .names import Names

__all__ = ["Origin", "literal", "read", "text_of"]

_GAP: Final = "*"
_ENVIRONMENTS: Final = frozenset({"os.environ", "environ"})
_GETTERS: Final = frozenset({"os.getenv", "getenv"})
_CONFIGS: Final = ("decouple.", "starlette.config.", "starlette.datastructures.")
_ENVS: Final = frozenset({"environ.Env", "environ.FileAwareEnv", "environs.Env", "environs.env"})
_HELPERS: Final = ("env", "config", "setting", "secret", "getenv")
_STRICT: Final = ("config", "env")  # as in decouple and environs
_DJANGO: Final = "django.conf.settings"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from.

    Attributes:
        how: ``literal``, ``environment``, ``django``, ``flask``, ``field`` of a settings class,
            or ``unknown``.
        line: where it is read, or stands.
        name: of the variable; empty for a literal.
        value: the literal, or the default as text.
        required: whether reading fails without a value.
        path: of the file, where that has been found out.
        at_import: whether importing that file reads it, likewise.
    """

    how: str
    line: int
    name: str = ""
    value: str | None = None
    required: bool = False
    path: str = ""
    at_import: bool = False


def literal(node: ast.AST | None) -> str | None:
    """The text of a literal: a string, a number, true or false."""
    if not isinstance(node, ast.Constant) or node.value is None or node.value is ...:
        return None
    if isinstance(node.value, bytes):
        return node.value.decode("latin-1")
    return str(node.value)


def text_of(node: ast.AST) -> str | None:
    """The text of a string that may have gaps: an f-string, ``%``, ``format()``, ``+``."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=values):
            return "".join(literal(part) or _GAP for part in values)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            first, second = text_of(left), text_of(right)
            if first is None and second is None:
                return None
            return f"{first or _GAP}{second or _GAP}"
        case ast.BinOp(op=ast.Mod(), left=left):
            return text_of(left)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return text_of(value)
    return None


def read(node: ast.AST, names: Names, envs: frozenset[str] = frozenset()) -> Origin | None:
    """What an expression reads, if it reads a variable.

    Args:
        node: the expression.
        names: the module's imports.
        envs: names of the module that hold an ``Env`` or a ``Config`` object.
    """
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return _subscript(node, names)
    if isinstance(node, ast.Call):
        return _call(node, names, envs)
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return None
    if names.resolve(node.value) != _DJANGO:
        return None
    return Origin("django", node.lineno, node.attr, required=True)


def _subscript(node: ast.Subscript, names: Names) -> Origin | None:
    name = literal(node.slice)
    if name is None:
        return None
    home = names.resolve(node.value)
    if home in _ENVIRONMENTS:
        return Origin("environment", node.lineno, name, required=True)
    if _is_flask(node.value, names):
        return Origin("flask", node.lineno, name, required=True)
    return None


def _is_flask(node: ast.AST, names: Names) -> bool:
    """``app.config``, ``current_app.config``, or a name for one of them."""
    if isinstance(node, ast.Name):
        return node.id == "config" and names.imports("flask") is not None
    return isinstance(node, ast.Attribute) and node.attr == "config"


def _default(node: ast.Call, at: int) -> tuple[bool, str | None]:
    """Whether a call has a default, and which."""
    if len(node.args) > at:
        return True, literal(node.args[at])
    for keyword in node.keywords:
        if keyword.arg == "default":
            return True, literal(keyword.value)
    return False, None


def _call(node: ast.Call, names: Names, envs: frozenset[str]) -> Origin | None:
    function, args, line = node.func, node.args, node.lineno
    called = names.resolve(function) or ""
    if called in ("getattr", "hasattr") and len(args) > 1 and names.resolve(args[0]) == _DJANGO:
        name, default = literal(args[1]), literal(args[2]) if len(args) > 2 else None
        required = called == "getattr" and len(args) == 2
        return Origin("django", line, name, default, required) if name else None
    name = literal(args[0]) if args else _keyword_name(node)
    if not name:
        return None
    has_default, default = _default(node, 1)
    if called in _GETTERS:
        return Origin("environment", line, name, default)
    if isinstance(function, ast.Attribute) and function.attr in ("get", "setdefault", "pop"):
        if names.resolve(function.value) in _ENVIRONMENTS:
            required = function.attr == "pop" and not has_default
            return Origin("environment", line, name, default, required)
        if _is_flask(function.value, names):
            return Origin("flask", line, name, default)
    if called.startswith(_CONFIGS) or _is_env(called, envs):
        return Origin("environment", line, name, default, required=not has_default)
    helper = called.rpartition(".")[2].lower()
    if name.isupper() and helper.endswith(_HELPERS):  # of the project's own
        return Origin("environment", line, name, default, helper in _STRICT and not has_default)
    return None


def _keyword_name(node: ast.Call) -> str | None:
    return next((literal(one.value) for one in node.keywords if one.arg in ("key", "var")), None)


def _is_env(called: str, envs: frozenset[str]) -> bool:
    """``env("X")``, ``env.str("X")``, ``self.env("X")`` is not meant."""
    return called in envs or called.rpartition(".")[0] in envs or called in _ENVS
