"""Files of the project whose names are those of the SDKs, or of the switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .findings import Finding

if TYPE_CHECKING:
    from collections.abc import Collection

    from .findings import Severity

__all__ = ["hides_switch", "read_shadows"]

_NAMES: Final = ("compat", "pusher", "pysher")
_ROOT_FILES: Final = ("manage.py", "pyproject.toml", "setup.py")
_RENAME: Final = "give it another name; this one hides the library from everything in the project"
_ELSEWHERE: Final = (
    "Python finds the SDK as long as it does not start in this folder; another name is safer"
)
_OWN_COMPAT: Final = (
    "the switch cannot be imported as compat beside it: `python -m pusher_mock.clash` tells which "
    "one is found; mock.intercept() and the fixtures work without the switch"
)


def read_shadows(paths: Collection[str], sdk_is_used: bool) -> list[Finding]:
    """The findings that such names are.

    Args:
        paths: every file of the project.
        sdk_is_used: whether anything imports one of the SDKs.
    """
    found = []
    for path in sorted(one for one in paths if one.endswith(".py")):
        name, folder = _module(path)
        if name not in _NAMES:
            continue
        at_root = _is_root(folder, paths)
        if name == "compat":
            if at_root:
                text = "a top-level module `compat` of the project's own"
                found.append(Finding(path, 0, "shadow", "warning", text, None, _OWN_COMPAT))
            continue
        if _is_copy(name, folder, paths):
            text = f"a copy of the SDK {name} is in the project; it is caught like an installed one"
            found.append(Finding(path, 0, "shadow", "note", text))
        elif at_root:
            severity: Severity = "error" if sdk_is_used else "warning"
            text, advice = f"`import {name}` finds this file, not the SDK", _RENAME
            found.append(Finding(path, 0, "shadow", severity, text, None, advice))
        else:
            text, advice = f"a module with the SDK's name, {name}", _ELSEWHERE
            severity = "note" if f"{folder}/__init__.py".lstrip("/") in paths else "warning"
            found.append(Finding(path, 0, "shadow", severity, text, None, advice))
    return found


def _is_copy(name: str, folder: str, paths: Collection[str]) -> bool:
    """Whether it is the SDK itself, put there to be shipped along."""
    other = {"pusher": "pusher_client", "pysher": "connection"}[name]
    return f"{folder}/{name}/{other}.py".lstrip("/") in paths


def hides_switch(paths: Collection[str]) -> bool:
    """Whether the project has a top-level ``compat`` of its own."""
    modules = (_module(one) for one in paths if one.endswith(".py"))
    return any(name == "compat" and _is_root(folder, paths) for name, folder in modules)


def _module(path: str) -> tuple[str, str]:
    """A file's module, and the folder that it is imported from; a package is one module."""
    folder, _, name = path.rpartition("/")
    if name == "__init__.py":
        above, _, package = folder.rpartition("/")
        return package, above
    return name.removesuffix(".py"), folder


def _is_root(folder: str, paths: Collection[str]) -> bool:
    """Whether Python imports from there: the root, ``src``, or beside ``manage.py``."""
    if folder == "":
        return "__init__.py" not in paths  # else it is a package that is read by itself
    if f"/{folder}".endswith("/src") and f"{folder}/__init__.py" not in paths:
        return True
    return any(f"{folder}/{name}" in paths for name in _ROOT_FILES)
