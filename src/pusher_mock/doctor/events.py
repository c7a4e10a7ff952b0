"""Events that are published without anybody asking: at import, and by saving a model."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from .findings import Finding

if TYPE_CHECKING:
    from .clients import ClientFinder
    from .module import Module
    from .reader import Notes
    from .scopes import Function, Scope

__all__ = ["is_event", "read_event"]

_METHODS: Final = frozenset({"trigger", "trigger_batch", "send_to_user"})
_SAVERS: Final = frozenset({"save", "delete", "asave", "adelete"})
_WEBHOOK: Final = "validate_webhook"


def is_event(node: ast.AST, module: Module, finder: ClientFinder) -> bool:
    """Whether a call publishes, by a client or by what is named like one."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _METHODS
        and finder.is_client(node.func.value, module)
    )


def read_event(
    node: ast.AST, scope: Scope, module: Module, finder: ClientFinder, to: Notes
) -> None:
    """Take down what publishes at import or when a model is saved, and webhooks."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr == _WEBHOOK:
        to.add(
            Finding(
                module.path,
                node.lineno,
                "webhook",
                "note",
                "a webhook is validated",
                None,
                'the mock makes them, signed: mock.webhooks(); see "Webhooks" in the docs',
            )
        )
    if not is_event(node, module, finder):
        return
    method = node.func.attr
    if scope.at_import:
        to.add(
            Finding(
                module.path,
                node.lineno,
                "event-at-import",
                "warning",
                f"{method}() runs at import",
                "sdk",
                "a fixture begins too late for it: with pusher_mock_autouse and "
                "pusher_mock_intercept, or under `pusher-mock run`, the mock is there before",
                "import",
            )
        )
    for function in scope.functions[:1]:
        _read_saver(node, method, function, scope, module, to)


def _read_saver(
    node: ast.Call, method: str, function: Function, scope: Scope, module: Module, to: Notes
) -> None:
    by = ""
    if function.name in _SAVERS and scope.classes and _is_model(scope, module):
        by = f"{scope.classes[-1].name}.{function.name}()"
    elif any("receiver" in ast.dump(one) for one in function.decorator_list):
        by = f"the receiver {function.name}()"
    if by:
        to.add(
            Finding(
                module.path,
                node.lineno,
                "event-on-save",
                "note",
                f"{by} publishes: so does every fixture and factory that saves",
                "sdk",
                "assert on the events of the step that is tested: take mock.published() before",
                scope.when,
            )
        )


def _is_model(scope: Scope, module: Module) -> bool:
    bases = ((module.names.resolve(one) or "") for one in scope.classes[-1].bases)
    names = ("models.py", "models/")
    return any(base.endswith("Model") for base in bases) or any(
        name in module.path for name in names
    )
