"""Event loops that coroutines of these tests run on."""

from __future__ import annotations

from typing import Any

import pytest

# Now, while sockets are open to it: it keeps the class that it finds, and servers use it later.
import uvloop  # noqa: F401


@pytest.fixture(
    params=[
        pytest.param(("asyncio", {"use_uvloop": False}), id="asyncio"),
        pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop"),
        pytest.param(("trio", {}), id="trio"),
    ]
)
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param
