"""An interception for the life of a process."""

from __future__ import annotations

import os

import pusher_mock
from pusher_mock.intercept.interception import Interception

from .introductions import introduce_to
from .orders import REPORTS, VARIABLE, Orders
from .reports import Escaped

__all__ = ["LastingInterception", "begin"]


class LastingInterception(Interception):
    """One that nobody stops, and that tells at once which calls it has refused.

    Args:
        orders: how calls are caught.
        folder: where it tells.
    """

    def __init__(self, orders: Orders, folder: str) -> None:
        super().__init__(
            *orders.doors,
            hosts=orders.hosts,
            allow_real=orders.allow_real,
            forward_to=orders.forward_to,
            strict=orders.strict,
        )
        self._rule.escaped = Escaped(folder)


def begin() -> LastingInterception:
    """Catch calls as the environment says.

    Raises:
        UsageError: it says nothing, or what cannot be done.
        KeyError: it does not say where to tell.
    """
    orders = Orders.loads(os.environ.get(VARIABLE, ""))
    interception = LastingInterception(orders, os.environ[REPORTS])
    interception.start()
    _excuse_from_pytest()
    if orders.forward_to is not None and orders.token is not None:
        introduce_to(orders.forward_to, orders.token)
    return interception


def _excuse_from_pytest() -> None:
    """Keep pytest from warning that it cannot rewrite the asserts of its plugin's package.

    It is here before pytest is, and a project may have warnings as errors.
    """
    words = pusher_mock.__doc__ or ""
    if _EXCUSE not in words:
        pusher_mock.__doc__ = f"{words}\n\n{_EXCUSE}"


_EXCUSE = "PYTEST_DONT_REWRITE"
