"""Compare a double with the SDK's class: real parameters unchanged, additions keyword-only."""

from __future__ import annotations

import inspect
from inspect import Parameter
from typing import Any

__all__ = ["differences"]

_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def differences(real: type, double: type) -> list[str]:
    """Say how the public surface of ``double`` deviates from that of ``real``; ideally nothing."""
    found = []
    for name in ["__init__", *(one for one in dir(real) if not one.startswith("_"))]:
        ours, theirs = _static(double, name), _static(real, name)
        if ours is None:
            found.append(f"{name}: missing")
        elif _kind(ours) != _kind(theirs):
            found.append(f"{name}: a {_kind(ours)} instead of a {_kind(theirs)}")
        elif _kind(theirs) in ("method", "classmethod", "staticmethod"):
            found += [
                f"{name}: {text}"
                for text in _parameters(getattr(real, name), getattr(double, name))
            ]
    return found


def _static(owner: type, name: str) -> Any:
    return inspect.getattr_static(owner, name, None)


def _kind(value: object) -> str:
    if inspect.isfunction(value):
        return "method"
    return type(value).__name__


def _parameters(real: Any, double: Any) -> list[str]:
    theirs = list(inspect.signature(real).parameters.values())
    ours = list(inspect.signature(double).parameters.values())
    found = []
    positional = [one for one in theirs if one.kind in _POSITIONAL]
    if [_shape(one) for one in positional] != [
        _shape(one) for one in ours if one.kind in _POSITIONAL
    ]:
        found.append(f"takes {_show(ours)} instead of {_show(theirs)}")
    by_name = {one.name: one for one in ours}
    known = {one.name for one in theirs}
    for one in theirs:
        if one.kind in _POSITIONAL:
            continue
        if one.name not in by_name or _shape(by_name[one.name]) != _shape(one):
            found.append(f"{_plain(one)} is missing or different")
    for one in ours:
        if one.name in known or one.kind in _POSITIONAL:
            continue
        if one.kind is not Parameter.KEYWORD_ONLY or one.default is Parameter.empty:
            found.append(f"{_plain(one)} is added, and not an optional keyword")
    return found


def _shape(parameter: Parameter) -> tuple[Any, ...]:
    # By repr, because True == 1 and {} is not {}.
    return parameter.name, parameter.kind, repr(parameter.default)


def _plain(parameter: Parameter) -> str:
    return str(parameter.replace(annotation=Parameter.empty))


def _show(parameters: list[Parameter]) -> str:
    return f"({', '.join(map(_plain, parameters))})"
