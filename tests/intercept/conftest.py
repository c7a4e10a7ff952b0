"""A mock, and a router that need not be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import respx

from pusher_mock import PusherMock

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


@pytest.fixture
def router() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router
