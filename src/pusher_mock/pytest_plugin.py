"""Fixtures: a fresh, current mock per test. Imports nothing but pytest until one is used."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from pusher_mock.clock import ManualClock
    from pusher_mock.doubles.client import MockPusherClient
    from pusher_mock.doubles.server import MockPusherServer
    from pusher_mock.intercept import Interception
    from pusher_mock.mock import PusherMock

__all__ = [
    "ChangeSettings",
    "class_pusher_mock",
    "module_pusher_mock",
    "pusher_client",
    "pusher_clock",
    "pusher_mock",
    "pusher_server",
    "pusher_settings",
    "session_pusher_mock",
    "use_mocks",
]

_MARKER: Final = "pusher_mock"
_AUTOUSE: Final = "pusher_mock_autouse"
_CALLBACK_ERRORS: Final = "pusher_mock_callback_errors"
_REPORT: Final = "pusher_mock_report"
_INTERCEPT: Final = "pusher_mock_intercept"

_WIDER: Final = frozenset({"class_pusher_mock", "module_pusher_mock", "session_pusher_mock"})

_MOCK = pytest.StashKey["PusherMock"]()
"""On a test, a class, a module: its mock. On the configuration: that of the whole session."""

_SESSION = pytest.StashKey["Interception"]()
"""On the configuration: what catches calls during the whole session."""

_TOLD = pytest.StashKey[bool]()
"""On a test: its report section is written."""


# Options ----------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini switches."""
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


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(callback_errors=True, enabled=True, intercept=False, **options): a fresh "
        "current mock for this test, made with these keyword arguments of PusherMock (seed, "
        "clock, history, journal, apps, strict); callback_errors=False keeps exceptions of "
        "subscribers' callbacks from failing it; intercept=True, or names of doors, catches every "
        f"call of Pusher; enabled=False leaves it without a mock although {_AUTOUSE} is on",
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
    if early_config.getini(_AUTOUSE):
        from pusher_mock.mock import PusherMock

        early_config.stash[_MOCK] = mock = PusherMock()
        mock.activate()


def _interception(given: object) -> Interception | None:
    """What the ini switch or the marker asks for."""
    if given is None or given is False:
        return None
    from pusher_mock.intercept.interception import from_option
    from pusher_mock.protocol.errors import UsageError

    try:
        return from_option(given)
    except (TypeError, UsageError) as error:
        raise pytest.UsageError(f"{_INTERCEPT}, or intercept= of the marker: {error}") from None


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
    if _WIDER & _asked_for(item):
        return  # it wants to see what others published
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    # What has a wider scope is made first and must not publish into this test's mock.
    wider = [
        name for name in names if name in definitions and definitions[name][-1].scope != "function"
    ]
    given: Any = item
    # A new list: the old one is shared by every parameter set of the test, marked or not.
    given.fixturenames = [*wider, _MARKER, *(name for name in names if name not in wider)]


def _asked_for(item: pytest.Item) -> set[str]:
    """What a test names itself: not what its fixtures use."""
    names = set(getattr(getattr(item, "_fixtureinfo", None), "argnames", ()))
    for marker in item.iter_markers("usefixtures"):
        names.update(marker.args)
    return names


def _options(node: Any) -> dict[str, Any]:
    """The marker's options, from the outermost (module) to the innermost (function)."""
    options: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers(_MARKER))):
        if marker.args:
            raise pytest.UsageError(
                f"@pytest.mark.{_MARKER} takes keyword arguments only, such as history=10"
            )
        options.update(marker.kwargs)
    return options


# Fixtures ---------------------------------------------------------------------------------------


def _lend(request: pytest.FixtureRequest) -> Iterator[PusherMock]:
    """Make a mock for the scope of a fixture, current until the scope ends."""
    from pusher_mock.mock import PusherMock

    node = request.node
    options = _options(node)
    options.pop("enabled", None)
    callback_errors = options.pop("callback_errors", request.config.getini(_CALLBACK_ERRORS))
    caught = _interception(options.pop("intercept", request.config.getini(_INTERCEPT)))
    try:
        mock = PusherMock(**options)
    except TypeError as error:
        raise pytest.UsageError(f"@pytest.mark.{_MARKER}: {error}") from None
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
    return pusher_mock.server(**_credentials(request.node))


@pytest.fixture
def pusher_client(request: pytest.FixtureRequest, pusher_mock: PusherMock) -> MockPusherClient:
    """A connected subscriber on this test's mock, with the same credentials."""
    credentials = _credentials(request.node)
    credentials.pop("app_id", None)
    return pusher_mock.client(connect=True, **credentials)


@pytest.fixture
def pusher_clock(pusher_mock: PusherMock) -> ManualClock:
    """The clock of this test's mock; ``advance(ms)`` moves it."""
    return pusher_mock.clock


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


def _credentials(node: Any) -> dict[str, str]:
    """The app that the code under test publishes to, if it uses the switch.

    A client of another app would never hear it. Looked up among the loaded modules: the switch
    is built on the mock, not the other way round.
    """
    switch = sys.modules.get("compat.state")
    if switch is None or "apps" in _options(node):
        return {}
    try:
        settings = switch.current().settings
    except Exception:  # incomplete settings are the application's matter, when it uses them
        return {}
    if not settings.use_mocks:
        return {}
    return {
        "app_id": settings.app_id,
        "key": settings.key,
        "secret": settings.secret.get_secret_value(),
    }


# Reports ----------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show beside a failure what happened on the mock, and explain a shadowed ``compat``."""
    report = yield
    if report.failed:
        _explain_clash(report, call)
        if item.config.getini(_REPORT) and not item.stash.get(_TOLD, False):
            item.stash[_TOLD] = _tell(item, report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Explain a shadowed ``compat`` beside a module that cannot be imported."""
    report = yield
    call: Any = getattr(report, "call", None)
    if report.failed and call is not None:
        _explain_clash(report, call)
    return report


def _tell(item: pytest.Item, report: pytest.TestReport) -> bool:
    """Add the innermost mock that anything happened on; whether there was one."""
    for node in reversed(item.listchain()):
        mock = node.stash.get(_MOCK, None)
        if mock is None:
            continue
        from pusher_mock.testing.report import report as describe

        text = describe(mock)
        if text is not None:
            scope = "test" if node is item else type(node).__name__.lower()
            report.sections.append((f"pusher-mock: events of this {scope}", text))
            return True
    return False


def _explain_clash(
    report: pytest.TestReport | pytest.CollectReport, call: pytest.CallInfo[Any]
) -> None:
    if call.excinfo is None:
        return
    if "compat" not in str(call.excinfo.value) + str(call.excinfo.value.__cause__):
        return
    from pusher_mock.clash import explain

    text = explain(call.excinfo.value)
    if text is not None:
        report.sections.append(("pusher-mock: which compat?", text))
