"""What the command line, the switches and the marker say; imported by the plugin when they do."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from pusher_mock.protocol.errors import UsageError
from pusher_mock.testing import repeating

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pusher_mock.intercept import Interception

__all__ = ["credentials", "give", "interception", "network", "of_marker", "publish", "seed"]

_WIDER: Final = frozenset({"class_pusher_mock", "module_pusher_mock", "session_pusher_mock"})


def seed(text: str) -> int:
    """Read the option of the seed.

    A worker of xdist reads the words of its controller again, which has picked one already.
    """
    if text == repeating.RANDOM and "PYTEST_XDIST_WORKER" in os.environ:
        text = os.environ.get(repeating.SEED, text)
    try:
        return repeating.seed(text)
    except UsageError as error:
        raise ArgumentTypeError(str(error)) from None


def network(text: str) -> str:
    """Check the option of the network."""
    try:
        return repeating.conditions(text)
    except UsageError as error:
        raise ArgumentTypeError(str(error)) from None


def publish(config: pytest.Config, values: Mapping[str, Any]) -> None:
    """Say what the command line does where the mixin, and whatever the tests start, hears it.

    Args:
        config: at whose end it is taken back.
        values: variables of the environment, and the options for them.
    """
    for name, value in values.items():
        config.add_cleanup(partial(_put_back, name, os.environ.get(name)))
        os.environ[name] = str(value)


def _put_back(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def give(item: Any, names: list[str], fixture: str) -> None:
    """Give a test its mock, unless it wants to see what others published.

    Args:
        item: the test.
        names: its fixtures.
        fixture: the one of the mock.
    """
    if _WIDER & _asked_for(item):
        return
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    # What has a wider scope is made first and must not publish into this test's mock.
    wider = [
        name for name in names if name in definitions and definitions[name][-1].scope != "function"
    ]
    # A new list: the old one is shared by every parameter set of the test, marked or not.
    item.fixturenames = [*wider, fixture, *(name for name in names if name not in wider)]


def _asked_for(item: Any) -> set[str]:
    """What a test names itself: not what its fixtures use."""
    names = set(getattr(getattr(item, "_fixtureinfo", None), "argnames", ()))
    for marker in item.iter_markers("usefixtures"):
        names.update(marker.args)
    return names


def of_marker(node: Any, name: str) -> dict[str, Any]:
    """The marker's options, from the outermost (module) to the innermost (function)."""
    options: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers(name))):
        if marker.args:
            raise pytest.UsageError(
                f"@pytest.mark.{name} takes keyword arguments only, such as history=10"
            )
        options.update(marker.kwargs)
    return options


def interception(given: object, what: str) -> Interception | None:
    """What the ini switch or the marker asks for.

    Args:
        given: its value.
        what: the switch, for the error.
    """
    from pusher_mock.intercept.interception import from_option

    try:
        return from_option(given)
    except (TypeError, UsageError) as error:
        raise pytest.UsageError(f"{what}, or intercept= of the marker: {error}") from None


def credentials(node: Any, marker: str) -> dict[str, str]:
    """The app that the code under test publishes to, where that is not the mock's own."""
    from pusher_mock.testing.application import application_credentials

    return {} if "apps" in of_marker(node, marker) else application_credentials()
