"""Headless Chromium."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

__all__ = ["chromium"]

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_REMEDY = "Chromium is not here: install it (make setup does as root on Debian)"


@contextmanager
def chromium(**options: Any) -> Iterator[Browser]:
    """Run one until the block ends.

    Args:
        **options: further parameters of Playwright's ``launch``.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    assert found, _REMEDY
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_OPTIONS, **options)
        yield browser
        browser.close()
