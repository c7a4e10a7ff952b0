"""Run a function of an SDK with one of its module's names replaced, without patching the module.

The SDKs look their collaborators up as module globals (``requests.post``, ``encrypt``). A double
must answer those itself, for one object and not for the whole process, while everything around
them stays the SDK's own code.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["with_globals"]


def with_globals(function: Callable[..., Any], **replaced: Any) -> Callable[..., Any]:
    """Return a function with the same code whose globals have these names replaced."""
    assert isinstance(function, FunctionType)
    copy = FunctionType(
        function.__code__,
        {**function.__globals__, **replaced},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy
