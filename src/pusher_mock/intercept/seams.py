"""Seams: the places in other libraries where a door is put in, and taken out again.

A seam is a function that a class or a module of a library holds. It is replaced for as long as
anybody intercepts, and is the very object it was before afterwards.
"""

from __future__ import annotations

import sys
from functools import wraps
from typing import TYPE_CHECKING, Any

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Seam"]

_MISSING = object()


class Seam:
    """A function of a library that is replaced while anybody intercepts.

    Args:
        module: the module that holds it, imported or not.
        path: where it is in there, ``RequestsBackend.send_request`` for one.
        replace: makes the replacement from the original; what it makes gets the original's name.
        home: the module that defines it, if it is another one.
        name: its name there, if it is another one.
        tolerant: whether something else may be in its place already, as with functions that
            monitoring wraps. Otherwise that is somebody's double, and two on one seam would hide
            calls from each other.
        optional: whether some versions of the library do not have it.
    """

    def __init__(
        self,
        module: str,
        path: str,
        replace: Callable[[Callable[..., Any]], Callable[..., Any]],
        *,
        home: str | None = None,
        name: str | None = None,
        tolerant: bool = False,
        optional: bool = False,
    ) -> None:
        self.module = module
        self.path = path
        self._replace = replace
        self._genuine = home or module, name or path
        self._tolerant = tolerant
        self._optional = optional
        self._owner: Any = None
        self._original: Any = _MISSING
        self._inherited = False
        self._replacement: Any = None

    @property
    def installed(self) -> bool:
        """Whether the replacement is in place."""
        return self._original is not _MISSING

    def install(self) -> None:
        """Put the replacement in, if the module has been imported.

        Raises:
            UsageError: somebody else's double is there.
        """
        module = sys.modules.get(self.module)
        if module is None or self.installed:
            return
        *path, name = self.path.split(".")
        owner: Any = module
        for part in path:
            owner = getattr(owner, part, None)
        held = vars(owner).get(name, _MISSING) if owner is not None else _MISSING
        current: Any = getattr(owner, name, _MISSING) if owner is not None else _MISSING
        if current is _MISSING:
            if self._optional or getattr(module.__spec__, "_initializing", False):
                return
            raise UsageError(
                f"{self.module}.{self.path} is not there: this version of the library is not one "
                "that pusher-mock knows how to intercept; leave its door out by naming the others"
            )
        found = getattr(current, "__module__", None), getattr(current, "__qualname__", None)
        if found != self._genuine and not self._tolerant:
            raise UsageError(
                f"{self.module}.{self.path} has been replaced already, by {_describe(current)}: "
                "begin to intercept before that (and stop after it), or end it first; with "
                "respx and responses use pusher_mock.intercept.respx or .responses"
            )
        replacement: Any = wraps(current)(self._replace(current))
        self._owner, self._original, self._replacement = owner, held, replacement
        self._inherited = held is _MISSING
        if self._inherited:
            self._original = None
        setattr(owner, name, replacement)

    def remove(self) -> str | None:
        """Put the original back.

        Returns:
            What is wrong: somebody has replaced the replacement, and still has.
        """
        if not self.installed:
            return None
        owner, name = self._owner, self.path.rpartition(".")[2]
        current = getattr(owner, name, _MISSING)
        if current is not self._replacement and not self._tolerant:
            return (
                f"{self.module}.{self.path} was replaced by {_describe(current)} while it was "
                "intercepted: end that first, then stop intercepting"
            )
        if current is not self._replacement:
            pass  # what wraps such functions, as monitoring does, comes and goes as it likes
        elif self._inherited:
            delattr(owner, name)
        else:
            setattr(owner, name, self._original)
        self._owner, self._original, self._replacement = None, _MISSING, None
        return None

    def __repr__(self) -> str:
        return f"<Seam {self.module}.{self.path}{' installed' if self.installed else ''}>"


def _describe(replacement: object) -> str:
    """Who has put it there, as far as it can be told."""
    module = getattr(replacement, "__module__", None) or type(replacement).__module__
    name = getattr(replacement, "__qualname__", None) or type(replacement).__qualname__
    return f"{module}.{name}"
