"""The doors there are, and putting all of their seams in and taking them out."""

from __future__ import annotations

from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING

from pusher_mock.core.forks import hold
from pusher_mock.protocol.errors import UsageError

from .imports import ImportWatch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .seams import Seam

__all__ = ["DOORS", "guard", "install", "read_doors", "remove"]

#: What can be named in ``intercept(...)``, and the modules that have its seams.
DOORS: dict[str, tuple[str, ...]] = {
    "sdk": ("sdk", "pysher", "websocket"),
    "httpx": ("httpx",),
    "requests": ("requests",),
    "aiohttp": ("aiohttp",),
    "websocket": ("websocket", "websockets", "pysher"),
}
_ALL = "all"
_STRICTNESS = ("stdlib",)

#: Taken to begin and to end, on top of the import lock; never while a library is imported.
guard = hold(RLock())

_seams: dict[str, tuple[Seam, ...]] = {}  # by module of ours
_held: dict[str, int] = {}  # how many interceptions need it


def read_doors(names: Iterable[object]) -> tuple[str, ...]:
    """The doors that are meant; all of them when none is named, or ``all``.

    Args:
        names: each a name, or several with blanks or commas between them.

    Raises:
        UsageError: there is no such door.
    """
    asked: list[str] = []
    for name in names:
        if not isinstance(name, str):
            raise UsageError(
                "names of doors are given one by one, as in intercept('sdk', 'httpx'), "
                f"not as {name!r}"
            )
        asked += name.replace(",", " ").split() or [name]
    for name in asked:
        if name not in DOORS and name != _ALL:
            raise UsageError(
                f"there is no door {name!r}: name {', '.join(DOORS)}, or {_ALL} for all of them"
            )
    if not asked or _ALL in asked:
        return tuple(DOORS)
    return tuple(dict.fromkeys(asked))


def modules_of(doors: Iterable[str], *, strict: bool) -> tuple[str, ...]:
    """The modules whose seams are needed: to refuse a call, its seam must be there as well."""
    needed = [one for door in (DOORS if strict else doors) for one in DOORS[door]]
    return tuple(dict.fromkeys((*needed, *_STRICTNESS) if strict else needed))


def load(modules: Iterable[str]) -> None:
    """Import them, which imports none of the libraries. Not under the guard."""
    for name in modules:
        if name not in _seams:
            _seams[name] = import_module(f".{name}", __package__).SEAMS


def install(modules: tuple[str, ...]) -> None:
    """Put the seams of these modules in. Under the guard.

    Raises:
        UsageError: somebody's double is in the place of one; nothing has changed then.
    """
    for name in modules:
        _held[name] = _held.get(name, 0) + 1
    try:
        for name in modules:
            for seam in _seams[name]:
                seam.install()
    except BaseException:
        remove(modules)
        raise
    _watch_imports()


def remove(modules: tuple[str, ...]) -> list[str]:
    """Take out the seams that nobody else needs. Under the guard.

    Returns:
        What is wrong, if anything.
    """
    wrong = []
    for name in modules:
        _held[name] -= 1
        if not _held[name]:
            del _held[name]
            for seam in _seams[name]:
                text = seam.remove()
                if text is not None:
                    wrong.append(text)
    for seams in _seams.values():
        for seam in seams:
            if seam.stale:
                seam.heal()
    _watch_imports()
    return wrong


def _imported(module: str) -> None:
    """A library has come in."""
    with guard:
        for name in tuple(_held):
            for seam in _seams[name]:
                if seam.module == module:
                    seam.install()


_watch = ImportWatch(_imported)


def _watch_imports() -> None:
    """Those that are there as well: they may be loaded anew."""
    names = frozenset(_held)
    if names not in _modules:
        _modules[names] = frozenset(seam.module for name in names for seam in _seams[name])
    if names:
        _watch.start(_modules[names])
    else:
        _watch.stop()


_modules: dict[frozenset[str], frozenset[str]] = {}
