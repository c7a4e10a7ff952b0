"""When code runs: at import, as a script, once and kept, or at each call."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from .names import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .findings import When

__all__ = ["Function", "Scope", "is_kept", "scoped"]

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

_CACHES: Final = frozenset({"lru_cache", "cache", "cached_property", "memoize", "cached", "once"})
_LEAVES: Final = (ast.Constant, ast.Name, ast.expr_context, ast.operator, ast.cmpop)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a piece of code stands.

    Attributes:
        when: when it runs.
        functions: the functions around it, the outermost first.
        classes: the classes around it, likewise.
    """

    when: When = "import"
    functions: tuple[Function, ...] = ()
    classes: tuple[ast.ClassDef, ...] = ()

    @property
    def at_import(self) -> bool:
        """Whether an import is enough to run it."""
        return self.when == "import"

    @property
    def place(self) -> str:
        """``in send()``, ``in Sender.send()``, or nothing at module level."""
        names = [one.name for one in (*self.classes, *self.functions[:1])]
        if not names:
            return ""
        return f"in {'.'.join(names)}{'()' if self.functions else ''}"


def scoped(tree: ast.Module) -> list[tuple[ast.AST, Scope]]:
    """Every node of a module with its scope, in the order of the source."""
    found: list[tuple[ast.AST, Scope]] = []
    _all(tree.body, Scope(), found)
    return found


def is_kept(node: ast.AST, scope: Scope) -> bool:
    """Whether a value is made when there is none yet, and kept for later calls.

    ``if self._client is None: self._client = make()``, or the same with ``global``.
    """
    inside = [one for function in scope.functions[-1:] for one in ast.walk(function)]
    shared = {name for one in inside if isinstance(one, ast.Global) for name in one.names}
    for one in inside:
        if not isinstance(one, ast.Assign) or one.value is not node:
            continue
        for target in map(dotted, one.targets):
            if target is not None and ("." in target or target in shared):
                return any(_asks_for(target, other) for other in inside)
    return False


def _asks_for(name: str, node: ast.AST) -> bool:
    """``if name is None``, ``if not name``."""
    if not isinstance(node, ast.If):
        return False
    test = node.test
    if isinstance(test, ast.UnaryOp):
        return dotted(test.operand) == name
    return isinstance(test, ast.Compare) and dotted(test.left) == name


def _all(nodes: Iterable[ast.AST], scope: Scope, found: list[tuple[ast.AST, Scope]]) -> None:
    for node in nodes:
        _one(node, scope, found)


def _one(node: ast.AST, scope: Scope, found: list[tuple[ast.AST, Scope]]) -> None:
    found.append((node, scope))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        _all(node.decorator_list, scope, found)
        _one(node.args, scope, found)  # defaults are evaluated here
        inner = replace(scope, when=_when(node, scope), functions=(*scope.functions, node))
        _all(node.body, inner, found)
    elif isinstance(node, ast.ClassDef):
        _all([*node.decorator_list, *node.bases, *node.keywords], scope, found)
        _all(node.body, replace(scope, classes=(*scope.classes, node)), found)
    elif isinstance(node, ast.Lambda):
        _one(node.body, replace(scope, when="call"), found)
    elif isinstance(node, ast.If) and scope.at_import and _is_main(node.test):
        _all(node.body, replace(scope, when="main"), found)
        _all(node.orelse, scope, found)
    elif not isinstance(node, _LEAVES):
        _all(ast.iter_child_nodes(node), scope, found)


def _when(function: Function, scope: Scope) -> When:
    if scope.when == "cached":
        return "cached"
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (dotted(called) or "").rpartition(".")[2] in _CACHES:
            return "cached"
    return "call"


def _is_main(test: ast.expr) -> bool:
    """Whether it is ``__name__ == "__main__"``."""
    if not isinstance(test, ast.Compare):
        return False
    return any(dotted(side) == "__name__" for side in (test.left, *test.comparators))
