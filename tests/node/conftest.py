"""JavaScript clients under Node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.wire.serving import serving

from .runner import NodeProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["driver", "node", "sdk", "serving"]


@pytest.fixture(scope="package")
def driver() -> Iterator[NodeProcess]:
    """The process of pusher-js; starting one for each test would double their time."""
    with NodeProcess("driver.mjs") as process:
        yield process


@pytest.fixture
def node(driver: NodeProcess) -> Iterator[NodeProcess]:
    """Where clients of pusher-js run; they end with the test."""
    yield driver
    driver.call("clear")


@pytest.fixture(scope="package")
def sdk() -> Iterator[NodeProcess]:
    """The process of the npm SDK."""
    with NodeProcess("sdk.mjs") as process:
        yield process
