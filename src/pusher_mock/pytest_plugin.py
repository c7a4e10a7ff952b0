"""Fixtures: a fresh, current mock per test. Imports nothing but pytest until one is used."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from pusher_mock.clock import ManualClock
    from pusher_mock.doubles.client import MockPusherClient
    from pusher_mock.doubles.server import MockPusherServer
    from pusher_mock.intercept import Interception
    from pusher_mock.mock import PusherMock
    from pusher_mock.testing.snapshots import CompareJournal

__all__ = [
    "ChangeSettings",
    "class_pusher_mock",
    "module_pusher_mock",
    "pusher_client",
    "pusher_clock",
    "pusher_mock",
    "pusher_server",
    "pusher_settings",
    "pusher_snapshot",
    "session_pusher_mock",
    "use_mocks",
]

_MARKER: Final = "pusher_mock"
_AUTOUSE: Final = "pusher_mock_autouse"
_CALLBACK_ERRORS: Final = "pusher_mock_callback_errors"
_REPORT: Final = "pusher_mock_report"
_INTERCEPT: Final = "pusher_mock_intercept"
_MADE: Final = "pusher_mock.testing.made"  # not imported before a mock is

_VARIABLES: Final = {
    "pusher_mock_seed": "PUSHER_MOCK_SEED",
    "pusher_mock_network": "PUSHER_MOCK_NETWORK",
    "pusher_mock_update": "PUSHER_MOCK_UPDATE",
}
"""The options of the command line, and where the mixin reads what they say."""

_MOCK = pytest.StashKey["PusherMock"]()
"""On a test, a class, a module: its mock. On the configuration: that of the whole session."""

_SESSION = pytest.StashKey["Interception"]()
"""On the configuration: what catches calls during the whole session."""

_BEGAN = pytest.StashKey[int]()
"""On a test: which mocks had been made before it."""

_TOLD = pytest.StashKey[bool]()
"""On a test: its report section is written."""


# Options ----------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options and the ini switches."""
    group = parser.getgroup("pusher-mock")
    group.addoption(
        "--pusher-mock-seed",
        metavar="N",
        type=_read("seed"),
        help="the seed of every mock, before the marker's: a number, or 'random' to pick one",
    )
    group.addoption(
        "--pusher-mock-network",
        metavar="WEATHER",
        type=_read("network"),
        help="the network of every mock whose marker names none: a profile (lossy, mobile, …), or "
        "conditions such as 'latency=10..100 drop_rate=0.01'",
    )
    group.addoption(
        "--pusher-mock-update",
        action="store_const",
        const=1,
        help="write the snapshots of pusher_snapshot and assert_journal() anew",
    )
    parser.addini(
        _AUTOUSE,
        "give every test a fresh current mock, without naming a fixture, and publish what is "
        "published at import into a mock of the session",
        type="bool",
        default=False,
    )
    parser.addini(
        _INTERCEPT,
        "catch every call of Pusher, from before the first import on: 'all', or names of doors "
        "(sdk httpx requests aiohttp websocket)",
        type="args",
        default=None,
    )
    parser.addini(
        _CALLBACK_ERRORS,
        "fail a test when a subscriber's callback raised, which pysher hides (default true)",
        type="bool",
        default=True,
    )
    parser.addini(
        _REPORT,
        "show beside a failing test what was published to its mock (default true)",
        type="bool",
        default=True,
    )


def _read(option: str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        from pusher_mock import pytest_options

        return getattr(pytest_options, option)(text)

    return read


def pytest_report_header() -> str | None:
    """Show the seed and the network that were asked for; a random one is picked by now."""
    names = list(_VARIABLES.values())[:2]
    words = [f"{name}={os.environ[name]}" for name in names if os.environ.get(name)]
    return f"pusher-mock: {' '.join(words)}" if words else None


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(callback_errors=True, enabled=True, intercept=False, **options): a fresh "
        "current mock for this test, made with these keyword arguments of PusherMock (seed, "
        "network, clock, history, journal, apps, strict); callback_errors=False keeps exceptions "
        "of subscribers' callbacks from failing it; intercept=True, or names of doors, catches "
        f"every call of Pusher; enabled=False leaves it without a mock although {_AUTOUSE} is on",
    )


# A mock for every test --------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """With the switches on, have a mock before the first module of the suite is imported."""
    # First, for it may be refused, and then nothing is to stay behind.
    interception = _interception(early_config.getini(_INTERCEPT))
    if interception is not None:
        interception.start()
        early_config.stash[_SESSION] = interception
    given = vars(early_config.known_args_namespace)
    asked = {name: given[one] for one, name in _VARIABLES.items() if given.get(one) is not None}
    if asked:
        from pusher_mock.pytest_options import publish

        publish(early_config, asked)
    if early_config.getini(_AUTOUSE):
        from pusher_mock.mock import PusherMock
        from pusher_mock.testing.repeating import from_environment

        early_config.stash[_MOCK] = mock = PusherMock(**from_environment({}))
        mock.activate()


def _interception(given: object) -> Interception | None:
    """What the ini switch or the marker asks for."""
    if given is None or given is False:
        return None
    from pusher_mock.pytest_options import interception

    return interception(given, _INTERCEPT)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """A call that was refused fails the test that made it, even when it has no mock."""
    interception = item.config.stash.get(_SESSION, None)
    if interception is not None:
        interception.raise_escaped()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put the session's mock away."""
    interception = config.stash.get(_SESSION, None)
    if interception is not None:
        del config.stash[_SESSION]
        interception.stop()
    mock = config.stash.get(_MOCK, None)
    if mock is not None:
        mock.close()
        mock.deactivate()
        del config.stash[_MOCK]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a test its mock when it does not ask for it, as ``usefixtures`` would.

    That is a marked one, or with the switch on any. An autouse fixture would do the same at 80 µs
    for every test of every suite.
    """
    names: list[str] | None = getattr(item, "fixturenames", None)
    if names is None or _MARKER in names:
        return
    if item.get_closest_marker(_MARKER) is None:
        if not item.config.getini(_AUTOUSE):
            return
    elif not next(
        (one.kwargs["enabled"] for one in item.iter_markers(_MARKER) if "enabled" in one.kwargs),
        True,
    ):
        return
    from pusher_mock.pytest_options import give

    give(item, names, _MARKER)


# Fixtures ---------------------------------------------------------------------------------------


def _lend(request: pytest.FixtureRequest) -> Iterator[PusherMock]:
    """Make a mock for the scope of a fixture, current until the scope ends."""
    from pusher_mock.mock import PusherMock
    from pusher_mock.protocol.errors import UsageError
    from pusher_mock.pytest_options import of_marker
    from pusher_mock.testing.made import forget
    from pusher_mock.testing.repeating import from_environment

    node = request.node
    options = of_marker(node, _MARKER)
    options.pop("enabled", None)
    callback_errors = options.pop("callback_errors", request.config.getini(_CALLBACK_ERRORS))
    caught = _interception(options.pop("intercept", request.config.getini(_INTERCEPT)))
    if isinstance(options.get("clock"), type):
        options["clock"] = options["clock"]()  # a marker is evaluated once for all of its tests
    try:
        mock = PusherMock(**from_environment(options))
    except (TypeError, UsageError) as error:
        raise pytest.UsageError(f"@pytest.mark.{_MARKER}: {error}") from None
    forget(mock)  # it is nobody's own
    node.stash[_MOCK] = mock
    with closing(mock), mock:
        if caught is None:
            yield mock
        else:
            with caught:
                yield mock
    if callback_errors:
        mock.raise_errors()


@pytest.fixture
def pusher_mock(request: pytest.FixtureRequest) -> Iterator[PusherMock]:
    """A fresh mock, current for this test; options come from ``@pytest.mark.pusher_mock(...)``.

    At the end of the test its clients are disconnected, and an exception that a subscriber's
    callback raised, which pysher would have swallowed, fails the test.
    """
    yield from _lend(request)


@pytest.fixture(scope="class")
def class_pusher_mock(request: pytest.FixtureRequest) -> Iterator[PusherMock]:
    """One mock for the tests of a class; options come from the marker of the class."""
    yield from _lend(request)


@pytest.fixture(scope="module")
def module_pusher_mock(request: pytest.FixtureRequest) -> Iterator[PusherMock]:
    """One mock for the tests of a module; options come from the marker in ``pytestmark``."""
    yield from _lend(request)


@pytest.fixture(scope="session")
def session_pusher_mock(request: pytest.FixtureRequest) -> Iterator[PusherMock]:
    """One mock for the whole session; with ``pusher_mock_autouse`` the one that is there already.

    The latter has what was published while modules were imported.
    """
    mock = request.config.stash.get(_MOCK, None)
    if mock is None:
        yield from _lend(request)
    else:
        yield mock
        if request.config.getini(_CALLBACK_ERRORS):
            mock.raise_errors()


@pytest.fixture
def pusher_server(request: pytest.FixtureRequest, pusher_mock: PusherMock) -> MockPusherServer:
    """A publisher on this test's mock, with the credentials of the application under test.

    Those are the switch's while it hands out mocks, and the mock's first app's otherwise.
    """
    from pusher_mock.pytest_options import credentials

    return pusher_mock.server(**credentials(request.node, _MARKER))


@pytest.fixture
def pusher_client(request: pytest.FixtureRequest, pusher_mock: PusherMock) -> MockPusherClient:
    """A connected subscriber on this test's mock, with the same credentials."""
    from pusher_mock.pytest_options import credentials

    given = credentials(request.node, _MARKER)
    given.pop("app_id", None)
    return pusher_mock.client(connect=True, **given)


@pytest.fixture
def pusher_clock(pusher_mock: PusherMock) -> ManualClock:
    """The clock of this test's mock; ``advance(ms)`` moves it."""
    return pusher_mock.clock


@pytest.fixture
def pusher_snapshot(request: pytest.FixtureRequest, pusher_mock: PusherMock) -> CompareJournal:
    """Compares everything that happened on this test's mock with `__snapshots__/….journal`.

    A snapshot that is missing is made, except in CI. `--pusher-mock-update` writes it anew.
    """
    from pusher_mock.testing.snapshots import snapshots_of

    node = request.node
    return snapshots_of(pusher_mock, node.path, node.nodeid.partition("::")[2] or node.name)


class ChangeSettings(Protocol):
    """What the fixture `pusher_settings` is: call it to change settings until the test ends."""

    def __call__(self, use_mocks: bool | None = None, **settings: Any) -> None:
        """Change settings; the parameters are those of `compat.override`."""


# In this plugin, not in one of the switch: where an application's own `compat.py` hides the
# switch, a plugin in there would keep pytest from starting.
@pytest.fixture
def use_mocks(pusher_mock: PusherMock) -> Iterator[PusherMock]:
    """The switch is on for this test, whatever the settings say; it is the test's fresh mock."""
    from compat.overrides import override

    with override(use_mocks=True):
        yield pusher_mock


@pytest.fixture
def pusher_settings() -> Iterator[ChangeSettings]:
    """Change settings of the switch until the test ends: ``pusher_settings(use_mocks=False)``."""
    from compat.overrides import override

    with ExitStack() as stack:

        def change(use_mocks: bool | None = None, **settings: Any) -> None:
            stack.enter_context(override(use_mocks, **settings))

        yield change


# Reports ----------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember which mocks were there before: those that come are the test's own."""
    made = sys.modules.get(_MADE)
    item.stash[_TOLD] = False  # it may run again
    item.stash[_BEGAN] = 0 if made is None else made.begin()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show beside a failure what happened on the mock, and explain a shadowed ``compat``."""
    report = yield
    if report.failed:
        from pusher_mock.pytest_reports import explain, tell

        explain(report, call)
        mocked = _MADE in sys.modules and item.config.getini(_REPORT)
        if mocked and not item.stash.get(_TOLD, False):
            item.stash[_TOLD] = tell(item, report, _MOCK, item.stash.get(_BEGAN, 0))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Explain a shadowed ``compat`` beside a module that cannot be imported."""
    report = yield
    call: Any = getattr(report, "call", None)
    if report.failed and call is not None:
        from pusher_mock.pytest_reports import explain

        explain(report, call)
    return report
