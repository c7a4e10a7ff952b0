"""Which field of some data is not what was wanted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from .matchers import Subset, fits, keys, shown, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["differences", "shorten"]

_LONGEST: Final = 200
_FIELD: Final = 60
_SHOWN: Final = 6
_PLAIN: Final = re.compile(r"[A-Za-z_]\w*\Z")


def shorten(text: str, longest: int = _LONGEST) -> str:
    """The text, or its beginning and its length when it is long."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"


def differences(wanted: Any, found: Any, name: str = "data") -> list[str]:
    """Say which fields differ, one a line: what came, then what was wanted.

    Args:
        wanted: as ``fits`` takes it.
        found: decoded from JSON.
        name: what the whole is called.

    Returns:
        Lines such as ``data.task.title: 'a' ≠ 'b'``, the first few; none for a value that is no
        dict or list, where the value itself says everything.
    """
    inner = wanted.wanted if isinstance(wanted, Subset) else wanted
    if not (callable(inner) or isinstance(inner, dict | list | tuple)):
        return []
    lines = list(_walk(wanted, found, name, partly=False))
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"… and {more} more"] if more > 0 else lines


def _walk(wanted: Any, found: Any, path: str, *, partly: bool) -> Iterator[str]:
    """Go down to the fields that differ.

    Args:
        wanted: see ``differences``.
        found: see ``differences``.
        path: how the field is called.
        partly: whether dicts may have more keys than those wanted.
    """
    if isinstance(wanted, Subset):
        wanted, partly = wanted.wanted, True
    if fits(Subset(wanted) if partly else wanted, found):
        return
    if isinstance(wanted, dict) and isinstance(found, dict):
        given = keys(wanted)
        for key, one in given.items():
            if key in found:
                yield from _walk(one, found[key], _field(path, key), partly=partly)
            else:
                yield f"{_field(path, key)}: missing, wanted {_short(one)}"
        if not partly:
            for key in found:
                if key not in given:
                    yield f"{_field(path, key)}: {_value(found[key])}, not wanted"
        return
    if isinstance(wanted, list | tuple) and isinstance(found, list):
        if len(wanted) != len(found):
            yield f"{path}: {len(found)} items ≠ {len(wanted)}"
        for number, (one, came) in enumerate(zip(wanted, found, strict=False)):
            yield from _walk(one, came, f"{path}[{number}]", partly=partly)
        return
    if callable(wanted) and not isinstance(wanted, type):
        yield f"{path}: {_value(found)}, and {verdict(wanted, found)}"
        return
    yield f"{path}: {_value(found)} ≠ {_short(wanted)}"


def _field(path: str, key: str) -> str:
    return f"{path}.{key}" if _PLAIN.match(key) else f"{path}[{key!r}]"


def _value(found: Any) -> str:
    return shorten(repr(found), _FIELD)


def _short(wanted: Any) -> str:
    special = isinstance(wanted, re.Pattern | type) or callable(wanted)
    return shorten(shown(wanted) if special else repr(wanted), _FIELD)
