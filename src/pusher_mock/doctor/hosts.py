"""The address in an argument, through names and through functions that put it together."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from .names import dotted
from .values import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .module import Module
    from .project import Project
    from .scopes import Scope

__all__ = ["Address", "AddressTracer"]


class Address(NamedTuple):
    """An address that an argument has.

    Attributes:
        text: with ``*`` for what is not known.
        lines: of this module, where it stands.
    """

    text: str
    lines: tuple[int, ...]


class AddressTracer:
    """Finds the address that an argument stands for.

    Args:
        module: where the arguments stand.
        project: where its imports are found.
        is_address: what is looked for.
    """

    def __init__(
        self, module: Module, project: Project, is_address: Callable[[str | None], bool]
    ) -> None:
        self._module = module
        self._project = project
        self._is_address = is_address

    def find(self, argument: ast.expr, scope: Scope) -> Address | None:
        """The address in an argument, or in what it is put together of."""
        whole = self._value(argument, self._module, scope)
        if whole is not None:
            return whole
        for node in ast.walk(argument):
            found = None
            if isinstance(node, ast.Name | ast.Attribute):
                found = self._value(node, self._module, scope)
            elif isinstance(node, ast.Call):
                found = self._made(node)
            if found is not None:
                return found
        return None

    def _value(self, node: ast.expr, module: Module, scope: Scope | None) -> Address | None:
        text = text_of(node)
        if text is not None and self._is_address(text):
            return Address(text, self._lines(module, node.lineno))
        origin = self._project.trace(node, module, scope)
        if origin is None or origin.value is None or not self._is_address(origin.value):
            return None
        here = origin.path in ("", self._module.path)
        return Address(origin.value, (origin.line,) if here else ())

    def _lines(self, module: Module, line: int) -> tuple[int, ...]:
        return (line,) if module is self._module else ()

    def _made(self, call: ast.Call) -> Address | None:
        """What a function of the project puts together."""
        name = self._module.names.resolve(call.func) or dotted(call.func) or ""
        home, function = self._module, self._functions.get(name.rpartition(".")[2])
        if function is None or ("." in name and not name.startswith(("self.", "cls."))):
            found = self._project.find(name) if name else None
            if found is None or found[1] not in found[0].functions:
                return None
            home, function = found[0], found[0].functions[found[1]]
        for node in ast.walk(function):
            if not isinstance(node, ast.Constant | ast.JoinedStr | ast.Name | ast.Attribute):
                continue
            address = self._value(node, home, None)
            if address is not None and not any(map(str.isspace, address.text)):  # of prose
                return address
        return None

    @cached_property
    def _functions(self) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
        return {
            node.name: node
            for node, _ in self._module.nodes
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
