"""Libraries that are imported while somebody intercepts."""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["ImportWatch"]


class ImportWatch(MetaPathFinder):
    """Finds nothing by itself: tells when a module that others find has been imported.

    Args:
        imported: called with the module's name, when it has been executed.
    """

    def __init__(self, imported: Callable[[str], None]) -> None:
        self._imported = imported
        self._wanted: frozenset[str] = frozenset()

    def start(self, names: Iterable[str]) -> None:
        """Watch out for these modules."""
        self._wanted = frozenset(names)
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Watch no more."""
        self._wanted = frozenset()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Ask the others, and listen to what they have found being executed."""
        if fullname not in self._wanted:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Listening(spec.loader, self._imported)
                return spec
        return None


class _Listening(Loader):
    """A loader that tells when it has executed its module, and then is gone from it."""

    def __init__(self, loader: Any, imported: Callable[[str], None]) -> None:
        self._loader = loader
        self._imported = imported

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        module.__loader__ = self._loader
        if spec is not None:
            spec.loader = self._loader
        self._loader.exec_module(module)
        self._imported(module.__name__)

    def __getattr__(self, name: str) -> Any:
        if name == "_loader":  # of one that is being copied
            raise AttributeError(name)
        return getattr(self._loader, name)
