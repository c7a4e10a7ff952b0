"""The modules of the project, found by the names that they are imported by."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .fields import fields_of
from .module import TOO_DEEP, Module, NotParsed, local_value, parse
from .names import dotted
from .values import Origin, literal, read, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .scopes import Scope
    from .walk import Source

__all__ = ["Project"]

_DEEPEST: Final = 6  # names that stand for names
_WRAPPERS: Final = frozenset({"str", "int", "bool", "bytes", "SecretStr", "cast"})
_LIBRARIES: Final = frozenset({"pusher", "pysher", "os", "django", "flask", "requests", "httpx"})


class Project:
    """Reads modules when somebody asks for them.

    Args:
        sources: the project's files; the modules among them can be found.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = {one.path: one for one in sources if one.kind == "python"}
        self._modules: dict[str, Module | None] = {}
        self._reasons: dict[str, str] = {}
        self._paths: dict[str, str] = {}
        for path in sorted(self._sources, key=lambda one: (one.count("/"), one)):
            parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
            for start in range(len(parts)):
                self._paths.setdefault(".".join(parts[start:]), path)

    def module(self, path: str) -> Module | None:
        """The module in a file, or ``None`` if Python of today cannot read it."""
        if path not in self._modules:
            self._modules[path] = None
            try:
                self._modules[path] = Module(path, parse(self._sources[path].data()))
            except (OSError, NotParsed) as error:
                self._reasons[path] = str(error)
            except RecursionError:
                self._reasons[path] = TOO_DEEP
        return self._modules[path]

    def why(self, path: str) -> str:
        """Why a file has no module."""
        return self._reasons.get(path, TOO_DEEP)

    def find(self, name: str) -> tuple[Module, str] | None:
        """The module that has a dotted name, and what remains of the name inside.

        Args:
            name: a dotted name; with a dot at its start it was imported relatively.
        """
        return next(self._candidates(name), None)

    def _candidates(self, name: str) -> Iterator[tuple[Module, str]]:
        """The longest module's name first; a package may hold a name like that of its module."""
        parts = name.strip(".").split(".")
        if not name.startswith(".") and parts[0] in _LIBRARIES:
            return
        for end in range(len(parts), 0, -1):
            path = self._paths.get(".".join(parts[:end]))
            module = self.module(path) if path is not None else None
            if module is not None:
                yield module, ".".join(parts[end:])

    def trace(
        self, node: ast.AST | None, module: Module, scope: Scope | None = None, depth: int = 0
    ) -> Origin | None:
        """Where a value comes from, through names of this module and of others.

        Args:
            node: the expression.
            module: where it stands.
            scope: where in there.
            depth: how many names it has come through.
        """
        if node is None or depth > _DEEPEST:
            return None
        text = literal(node)
        if text is not None:
            return Origin("literal", _line(node), value=text, path=module.path)
        found = read(node, module.names, module.envs)
        if found is not None:
            at_import = scope is None or scope.at_import
            return replace(found, path=module.path, at_import=at_import)
        inner = _unwrapped(node)
        if inner is not None:
            return self._with_default(self.trace(inner, module, scope, depth + 1), node)
        name = dotted(node)
        if name is None:
            text = text_of(node)
            return Origin("literal", _line(node), value=text, path=module.path) if text else None
        local = local_value(name, scope)
        if local is not None and local is not node:
            return self.trace(local, module, scope, depth + 1)
        return self._named(module.names.resolve(node) or name, module, depth + 1)

    def _with_default(self, found: Origin | None, node: ast.AST) -> Origin | None:
        """``os.environ.get("X") or "default"``."""
        if found is None or not isinstance(node, ast.BoolOp):
            return found
        default = literal(node.values[-1])
        return replace(found, value=found.value or default)

    def _named(self, name: str, module: Module, depth: int) -> Origin | None:
        """What a name of a module, or an imported one, stands for."""
        if depth > _DEEPEST:
            return None
        if name in module.constants:
            return self.trace(module.constants[name], module, None, depth + 1)
        head, _, attribute = name.rpartition(".")
        if head:
            found = self._attribute(head, attribute, module, depth)
            if found is not None:
                return found
        for other, rest in self._candidates(name):
            if not rest or other is module:
                continue
            first, _, more = rest.partition(".")
            origin = other.names.origins.get(first)
            if origin is not None and rest not in other.constants:
                rest = f"{origin}.{more}".rstrip(".")
            found = self._named(rest, other, depth + 1)
            if found is not None:
                return found
        return None

    def _attribute(self, head: str, attribute: str, module: Module, depth: int) -> Origin | None:
        """An attribute of an object that the module has built from a class of settings."""
        built = module.constants.get(head)
        if not isinstance(built, ast.Call) or depth > _DEEPEST:
            return None
        name = module.names.resolve(built.func) or ""
        if name in module.functions:
            name = _returned(module.functions[name]) or name
        home, inside = (module, name) if name in module.classes else self.find(name) or (None, "")
        if home is None or inside not in home.classes:
            return None
        for field in fields_of(home.classes[inside], home.names):
            if field.attribute == attribute:
                return Origin(
                    "environment",
                    field.line,
                    field.names[0],
                    literal(field.default),
                    field.required,
                    home.path,
                    at_import=True,
                )
        return self._named(f"{inside}.{attribute}", home, depth + 1)


def _returned(function: ast.AST) -> str | None:
    """The class that a function returns an object of."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
            return dotted(node.value.func)
    return None


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))


def _unwrapped(node: ast.AST) -> ast.AST | None:
    """The value inside ``str(x)``, ``x or y``, ``x == "True"``, ``x.get_secret_value()``."""
    match node:
        case ast.BoolOp(values=[first, *_]):
            return first
        case ast.Compare(left=left):
            return left
        case ast.IfExp(body=body):
            return body
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _WRAPPERS:
            return first
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[]) if attr in (
            "get_secret_value",
            "strip",
            "lower",
            "upper",
        ):
            return value
    return None
