"""``pusher_config`` and ``pusher_is_mocked`` in every template."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest

from compat.accessor import is_mocked
from compat.django.page import page_config

__all__ = ["pusher"]


def pusher(request: HttpRequest) -> dict[str, Callable[[], Any]]:
    """Add both as functions, which Django's templates call when they are used.

    A page without Pusher pays nothing, and does not fail while credentials are missing.

    Args:
        request: The request.

    Returns:
        ``pusher_config``, see `compat.django.page.page_config`, and ``pusher_is_mocked``.
    """
    return {"pusher_config": partial(page_config, request), "pusher_is_mocked": is_mocked}
