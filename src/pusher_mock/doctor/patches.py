"""What tests put in Pusher's place today, and what each of these misses."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from .findings import Finding
from .names import dotted
from .settings import is_pushers, kind_of
from .values import literal

if TYPE_CHECKING:
    from .module import Module
    from .reader import Notes

__all__ = ["read_patch"]

_CLASSES: Final = ("pusher.Pusher", "pusher.pusher.Pusher", "pysher.Pusher")
_SETTERS: Final = ("override_settings", "modify_settings", "settings")
_BUILT_FROM: Final = ("app_id", "key", "secret", "cluster", "host", "port", "ssl", "url")
_ADVICE: Final = "with the mock, let the call through and assert on what was published"
_MISSES_CLASS: Final = (
    "it misses clients that were built before, and modules that imported the class by name"
)
_MISSES_METHOD: Final = (
    "it misses trigger_batch() and send_to_user(), limits, signatures, and who is subscribed"
)
_MISSES_OBJECT: Final = (
    "it misses other clients and names for the same one; anything that is called on it succeeds"
)
_MISSES_ALL: Final = (
    "it misses modules that imported the SDK before; a call that Pusher would refuse succeeds"
)


def read_patch(node: ast.AST, module: Module, to: Notes) -> None:
    """Take down a patch of Pusher, if an expression is one."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and _is_modules(target.value, module):
                _tell_modules(target.slice, node.lineno, module, to)
    if not isinstance(node, ast.Call):
        return
    called = dotted(node.func) or ""
    last = called.rpartition(".")[2]
    if called.endswith("patch.dict") or last == "setitem":
        _read_dict(node, module, to)
    elif called.endswith("patch.object"):
        _read_object(node, module, to)
    elif last in ("patch", "setattr") and node.args:
        name = literal(node.args[0])
        if name is not None:
            _tell(name, node.lineno, module, to)
        elif last == "setattr":
            _read_object(node, module, to)
    elif last in _SETTERS:
        _read_override(node, module, to)


def _read_object(node: ast.Call, module: Module, to: Notes) -> None:
    if len(node.args) > 1:
        owner, name = module.names.resolve(node.args[0]), literal(node.args[1])
        if owner is not None and name is not None and owner not in ("settings", "self"):
            _tell(f"{owner.strip('.')}.{name}", node.lineno, module, to)


def _read_dict(node: ast.Call, module: Module, to: Notes) -> None:
    if not node.args:
        return
    of = node.args[0]
    if not (_is_modules(of, module) or literal(of) == "sys.modules"):
        return
    given = node.args[1] if len(node.args) > 1 else None
    keys = given.keys if isinstance(given, ast.Dict) else [given]
    for key in keys:
        if key is not None:
            _tell_modules(key, node.lineno, module, to)


def _is_modules(node: ast.AST, module: Module) -> bool:
    return module.names.resolve(node) == "sys.modules"


def _tell_modules(key: ast.AST, line: int, module: Module, to: Notes) -> None:
    name = literal(key) or ""
    if name.partition(".")[0] in ("pusher", "pysher"):
        _add(f"sys.modules[{name!r}]", _MISSES_ALL, line, module, to)


def _tell(target: str, line: int, module: Module, to: Notes) -> None:
    if not is_pushers(target) or "." not in target or target.startswith("pusher_mock."):
        return
    if target in _CLASSES or target.endswith(".Pusher"):
        misses = _MISSES_CLASS
    elif target.rpartition(".")[0] in _CLASSES:
        misses = _MISSES_METHOD
    else:
        misses = _MISSES_OBJECT
    _add(target, misses, line, module, to)


def _add(target: str, misses: str, line: int, module: Module, to: Notes) -> None:
    text = f"{target} is patched: {misses}"
    to.add(Finding(module.path, line, "patch", "warning", text, None, _ADVICE))


def _read_override(node: ast.Call, module: Module, to: Notes) -> None:
    given = [one.arg for one in node.keywords if one.arg is not None]
    names = [name for name in given if is_pushers(name) and kind_of(name) in _BUILT_FROM]
    if names:
        to.add(
            Finding(
                module.path,
                node.lineno,
                "override",
                "note",
                f"{', '.join(names)} changed for a test",
            )
        )
