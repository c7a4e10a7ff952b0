"""The Django applications as a process of their own, their Pusher, and Chromium."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.node.runner import MODULES, install
from tests.scenarios.chromium import chromium
from tests.servers import free_port, served
from tests.shapes.commands import ROOT

from compat.names import VARIABLES
from pusher_mock import App, PusherMock
from pusher_mock.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext

__all__ = ["BUILDS", "browser", "context", "service", "site"]

BUILDS = MODULES / "pusher-js" / "dist" / "web"

_APPS = [
    App("202020", "02020202020202020202", "a2a2a2a2a2a2a2a2a2a2"),
    App("303030", "30303030303030303030", "b3b3b3b3b3b3b3b3b3b3"),
]
_PATIENCE_MS = 15_000


# Playwright keeps an event loop in this thread for as long as it runs, so it ends with this folder:
# coroutine tests of others could not run.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A browser, and pusher-js."""
    install()
    with chromium() as browser:
        expect.set_options(timeout=_PATIENCE_MS)
        yield browser


@pytest.fixture(scope="package")
def service() -> Iterator[PusherMock]:
    """The Pusher that the applications publish to."""
    mock = PusherMock(clock=SystemClock(), apps=_APPS, strict=True)
    yield mock
    mock.close()


@pytest.fixture(scope="package")
def site(service: PusherMock) -> Iterator[str]:
    """The applications, started as they are; the URL."""
    address = f"127.0.0.1:{free_port()}"
    with service.serve() as server:
        command = [sys.executable, "-m", "pusher_mock.cli", "run", "--server", server.url, "--"]
        command += [sys.executable, "-u", "-m", "django", "runserver", "--noreload", address]
        kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        settings = {"DJANGO_SETTINGS_MODULE": "tests.shapes.django_suite.settings"}
        with served(command, ROOT, {**kept, **settings}, "Quit the server") as said:
            assert any("Quit the server" in line for line in said), said
            yield f"http://{address}"


@pytest.fixture
def context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """A profile of the browser, from which nothing leaves this machine."""
    context = browser.new_context()
    context.route(
        lambda url: not url.startswith(f"{site}/"), lambda route: route.abort("blockedbyclient")
    )
    yield context
    context.close()
