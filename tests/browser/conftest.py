"""Headless Chromium."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright
from tests.node.runner import install
from tests.wire.serving import serving

from .site import mock, profile
from .windows import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

__all__ = ["browser", "launch_options", "mock", "profile", "serving", "window"]

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_REMEDY = "these tests drive Chromium: install it, or run `make setup-clients` as root on Debian"


def launch_options() -> dict[str, Any]:
    """What Playwright launches the browser with."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    assert found, _REMEDY
    return {"executable_path": found, "args": _OPTIONS}


# Playwright keeps an event loop in this thread for as long as it runs, so it ends with this folder:
# coroutine tests of others could not run.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A browser."""
    install()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Window]]:
    """What opens windows, as `Window` does; they are closed at the end."""
    with ExitStack() as windows:

        def open_one(*args: Any, **options: Any) -> Window:
            opened = Window(browser, *args, **options)
            windows.callback(opened.close)
            return opened

        yield open_one
