"""One module of the project: what it defines at its top, and what imports have brought in."""

from __future__ import annotations

import ast
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Final

from .names import Names, dotted
from .scopes import scoped

if TYPE_CHECKING:
    from .scopes import Function, Scope

__all__ = ["TOO_DEEP", "Module", "NotParsed", "local_value", "package_of", "parse"]

TOO_DEEP: Final = "it is nested too deep"
"""Why a file is not read that Python cannot follow to its end."""

_ENVS: Final = frozenset(
    {
        "environ.Env",
        "environ.FileAwareEnv",
        "environs.Env",
        "starlette.config.Config",
        "decouple.AutoConfig",
        "decouple.Config",
    }
)


def package_of(path: str) -> str:
    """The dotted name of the package that a file is in, from the root."""
    return path.rpartition("/")[0].replace("/", ".")


class NotParsed(Exception):
    """Python of today cannot read a file; the text says why, and where."""


def parse(data: bytes | str) -> ast.Module:
    """Python's own reading.

    Raises:
        NotParsed: it is none, or it is another age's.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that will be errors one day
            return ast.parse(data)
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        raise NotParsed(f"{where}{error.msg}") from None
    except ValueError as error:
        raise NotParsed(str(error)) from None
    except (RecursionError, MemoryError):
        raise NotParsed(TOO_DEEP) from None


class Module:
    """What a module defines.

    Args:
        path: of its file.
        tree: as it was parsed.

    Attributes:
        names: its imports.
        constants: what module-level names, and ``Class.name``, were assigned.
        functions: those at module level.
        classes: likewise.
    """

    def __init__(self, path: str, tree: ast.Module) -> None:
        self.path = path
        self.tree = tree
        self.names = Names(tree, package_of(path))
        self.constants: dict[str, ast.expr] = {}
        self.functions: dict[str, Function] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self._define(tree.body, "")

    def _define(self, body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node.value, prefix)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self._assign(node.target, node.value, prefix)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                if not prefix:
                    self.functions[node.name] = node
            elif isinstance(node, ast.ClassDef):
                if not prefix:
                    self.classes[node.name] = node
                self._define(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.If | ast.With | ast.For | ast.While | ast.Try):
                self._define(node.body, prefix)
                self._define(getattr(node, "orelse", []), prefix)
                for handler in getattr(node, "handlers", []):
                    self._define(handler.body, prefix)

    def _assign(self, target: ast.expr, value: ast.expr, prefix: str) -> None:
        name = dotted(target)
        if name is not None:
            # The first counts: what an `except` puts in its place is for emergencies.
            self.constants.setdefault(f"{prefix}{name}", value)

    @cached_property
    def nodes(self) -> list[tuple[ast.AST, Scope]]:
        """Every node with its scope, in the order of the source."""
        return scoped(self.tree)

    @cached_property
    def envs(self) -> frozenset[str]:
        """Names that hold an object which reads the environment when it is called."""
        return frozenset(
            name
            for name, value in self.constants.items()
            if isinstance(value, ast.Call) and self.names.resolve(value.func) in _ENVS
        )


def local_value(name: str, scope: Scope | None) -> ast.expr | None:
    """What a name was assigned inside the functions around a piece of code."""
    for function in reversed(scope.functions if scope is not None else ()):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and any(dotted(one) == name for one in node.targets):
                return node.value
            if isinstance(node, ast.AnnAssign) and dotted(node.target) == name:
                return node.value
    return None
