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
_INHERITED = object()

# Every replacement that is about, by its id, and what was in its place: somebody may put one back.
_originals: dict[int, tuple[Any, Any]] = {}


def _put_back(owner: Any, name: str) -> Any:
    """Put in what was there before any of ours; returns it."""
    current: Any = getattr(owner, name)
    while id(current) in _originals:
        _, original = _originals.pop(id(current))
        if original is _INHERITED:
            delattr(owner, name)
        else:
            setattr(owner, name, original)
        current = getattr(owner, name)
    return current


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

    Attributes:
        module: as given.
        path: as given.
        stale: whether somebody may put the replacement back although it was to be gone.
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
        self._replacement: Any = None
        self._last: tuple[Any, Any] = (None, None)  # what was replaced last, and by what
        self.stale = False

    @property
    def installed(self) -> bool:
        """Whether the replacement is in place."""
        return self._replacement is not None

    def install(self) -> None:
        """Put the replacement in, if the module has been imported; again is fine.

        Raises:
            UsageError: somebody else's double is there.
        """
        module = sys.modules.get(self.module)
        if module is None:
            return
        owner, name = self._resolve(module)
        current: Any = getattr(owner, name, _MISSING) if owner is not None else _MISSING
        if self.installed and owner is self._owner:
            if current is self._replacement or self._tolerant:
                return  # a tolerant one may have been wrapped meanwhile
        elif self.installed:
            _put_back(self._owner, name)  # the library has been loaded anew
        if current is _MISSING:
            spec = getattr(module, "__spec__", None)
            if self._optional or getattr(spec, "_initializing", False):
                return
            raise UsageError(
                f"{self.module}.{self.path} is not there: this version of the library is not one "
                "that pusher-mock knows how to intercept; leave its door out by naming the others"
            )
        current = _put_back(owner, name)
        found = getattr(current, "__module__", None), getattr(current, "__qualname__", None)
        if found != self._genuine and not self._tolerant:
            raise UsageError(
                f"{self.module}.{self.path} has been replaced already, by {_describe(current)}: "
                "begin to intercept before that (and stop after it), or end it first; with "
                "respx and responses use pusher_mock.intercept.respx or .responses"
            )
        if self._last[0] is not current:
            made = self._replace(current)
            if made is current:
                return  # this version of the library needs none
            self._last = current, wraps(current)(made)
        replacement = self._last[1]
        _originals[id(replacement)] = replacement, vars(owner).get(name, _INHERITED)
        self._owner, self._replacement = owner, replacement
        setattr(owner, name, replacement)

    def remove(self) -> str | None:
        """Put the original back.

        Returns:
            What is wrong: somebody has replaced the replacement, and still has.
        """
        if not self.installed:
            return None
        owner, name = self._owner, self.path.rpartition(".")[2]
        current, ours = getattr(owner, name, _MISSING), self._replacement
        self._owner, self._replacement = None, None
        if current is ours:
            _put_back(owner, name)
            return None
        self.stale = True
        if self._tolerant:
            return None  # what wraps such functions, as monitoring does, comes and goes as it likes
        return (
            f"{self.module}.{self.path} was replaced by {_describe(current)} while it was "
            "intercepted: end that first, then stop intercepting"
        )

    def heal(self) -> None:
        """Take out what somebody has put back after it was to be gone."""
        module = sys.modules.get(self.module)
        if self.stale and not self.installed and module is not None:
            owner, name = self._resolve(module)
            if owner is not None and id(getattr(owner, name, None)) in _originals:
                _put_back(owner, name)
                self.stale = False

    def _resolve(self, module: Any) -> tuple[Any, str]:
        """What holds the function now, and under which name; a library may be loaded anew."""
        *path, name = self.path.split(".")
        owner = module
        for part in path:
            owner = getattr(owner, part, None)
        return owner, name

    def __repr__(self) -> str:
        return f"<Seam {self.module}.{self.path}{' installed' if self.installed else ''}>"


def _describe(replacement: object) -> str:
    """Who has put it there, as far as it can be told."""
    module = getattr(replacement, "__module__", None) or type(replacement).__module__
    name = getattr(replacement, "__qualname__", None) or type(replacement).__qualname__
    return f"{module}.{name}"
