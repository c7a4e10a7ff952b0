"""Taking callbacks back, which pysher cannot."""

from __future__ import annotations

from typing import Any

__all__ = ["unbind"]


def unbind(
    bindings: dict[str, list[Any]], event_name: str | None, callback: Any, keep_of: object = None
) -> None:
    """Remove bindings without disturbing a dispatch that is going through the old list.

    Args:
        bindings: event -> [(callback, args, kwargs)], as pysher keeps them.
        event_name: one event, or all when ``None``.
        callback: one callback, or all when ``None``.
        keep_of: whose own methods stay bound.
    """
    for name in (event_name,) if event_name is not None else tuple(bindings):
        if name not in bindings:
            continue
        kept = [
            one
            for one in bindings[name]
            if (callback is not None and one[0] != callback)
            or (keep_of is not None and getattr(one[0], "__self__", None) is keep_of)
        ]
        if kept:
            bindings[name] = kept
        else:
            del bindings[name]
