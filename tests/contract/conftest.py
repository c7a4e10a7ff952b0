"""The contract is one source of tests for every way to reach a Pusher."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from .services import KINDS, Service, running

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of the contract against every service; Pusher itself where somebody asks."""
    if "running_service" in metafunc.fixturenames:
        asked = "PUSHER_CONTRACT_KEY" in os.environ
        kinds = [
            pytest.param(kind, marks=[] if kind == "memory" else [pytest.mark.enable_socket])
            for kind in KINDS
            if kind != "pusher" or asked
        ]
        metafunc.parametrize("running_service", kinds, scope="module", indirect=True)


@pytest.fixture(scope="module")
def running_service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """A service, started once for the module."""
    with running(request.param) as found:
        yield found


@pytest.fixture
def service(running_service: Service, request: pytest.FixtureRequest) -> Iterator[Service]:
    """The service as if new; only Pusher itself remembers the test before."""
    wanted = {mark.args[0] for mark in request.node.iter_markers("needs")}
    missing = wanted - running_service.features
    if missing:
        pytest.skip(f"this app has not switched on {', '.join(sorted(missing))}")
    yield running_service
    running_service.start_over()
