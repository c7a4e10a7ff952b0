"""Small suites for pytest to run inside a test."""

from __future__ import annotations

import importlib
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["APP", "PLUGINS", "forget_chance", "suite"]

# pytester forgets what an inner run imported: import everything first, so that all of them share
# one set of modules.
for name in ("core", "doubles.client", "doubles.server", "doubles.backends", "doubles.store"):
    importlib.import_module(f"pusher_mock.{name}")

# An application's publisher, built at import.
APP = """
    import pytest
    from pusher_mock import App, MockPusherClient, MockPusherServer, PusherMock, current_mock

    PUBLISHER = MockPusherServer("1", "k", "s")
"""


# Hypothesis would be imported anew at the end of every inner run.
PLUGINS = ("-p", "no:randomly", "-p", "no:hypothesispytest", "-p", "no:asyncio")


def suite(pytester: pytest.Pytester, *parts: str, run: tuple[str, ...] = ()) -> pytest.RunResult:
    pytester.makepyfile("".join(textwrap.dedent(part) for part in (APP, *parts)))
    return pytester.runpytest_inprocess(*PLUGINS, *run)


def forget_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing outside of the inner suite says a seed or a network, or that it is CI."""
    for name in ("SEED", "NETWORK", "UPDATE"):
        monkeypatch.delenv(f"PUSHER_MOCK_{name}", raising=False)
    monkeypatch.delenv("CI", raising=False)
