"""How a Python process begins to catch calls: before it imports what could lead to the network.

``sitecustomize`` runs this file by itself, and the package comes with the first such module only:
nothing is imported here that an interpreter has not loaded by now.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import module_from_spec
from _thread import RLock

TYPE_CHECKING = False  # the module that has it is not loaded by now
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from typing import Any

__all__ = ["begin_before"]

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def begin_before(roots: frozenset[str], give_up: Callable[[str], None]) -> None:
    """Catch calls from the moment on that one of some modules is imported, or now.

    Args:
        roots: the modules.
        give_up: ends the process; told why it has to.
    """
    if roots.isdisjoint(sys.modules):
        sys.meta_path.insert(0, _Waiting(roots, give_up))
    else:
        _begin(give_up)


class _Waiting:
    """Finds nothing by itself: begins before the first of the roots is imported."""

    def __init__(self, roots: frozenset[str], give_up: Callable[[str], None]) -> None:
        self._roots = roots
        self._give_up = give_up
        self._guard = RLock()

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname not in self._roots:
            return None
        with self._guard:  # another thread waits until it has begun
            if self in sys.meta_path:
                sys.meta_path.remove(self)
                _begin(self._give_up)
        # Who is asked after this one was decided before the doors came to be asked.
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(fullname, path, target) if find is not None else None
            if spec is not None:
                return spec
        return None


def _begin(give_up: Callable[[str], None]) -> None:
    try:
        _provide()
        from pusher_mock.bootstrap.lasting import begin

        begin()
    except BaseException as error:
        give_up(f"{type(error).__name__}: {error}")


def _provide() -> None:
    """Make the package importable: `pusher-mock` may live in an environment of its own."""
    from importlib.util import find_spec, spec_from_file_location

    if "pusher_mock" in sys.modules or find_spec("pusher_mock") is not None:
        return
    spec = spec_from_file_location(
        "pusher_mock",
        os.path.join(_PACKAGE, "__init__.py"),
        submodule_search_locations=[_PACKAGE],
    )
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["pusher_mock"] = module
        spec.loader.exec_module(module)
