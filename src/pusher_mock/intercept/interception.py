"""``intercept()``: every call of Pusher that this process makes, caught for a while."""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from inspect import isasyncgenfunction, iscoroutine, iscoroutinefunction, isgeneratorfunction
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pusher_mock.core import facade_of
from pusher_mock.core.loopback import is_loopback
from pusher_mock.protocol.errors import UsageError

from . import doors, routing, visits
from .hosts import PORTS, HostSet, read_hosts
from .routing import Forward, NotIntercepted, Rule, raise_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from pusher_mock.mock import PusherMock

__all__ = ["Interception", "from_option", "intercepted", "read_forward"]

_Function = TypeVar("_Function", bound="Callable[..., Any]")
_OFF = (["false"], ["False"], ["none"])  # as in `-o pusher_mock_intercept=false`
_SCHEMES = ("http", "https")


class Interception:
    """Catches what this process sends to Pusher, in a ``with`` block or from start to stop.

    Code that builds its own SDK client, before or after this begins, that posts by itself or
    opens a WebSocket, reaches a mock. The innermost of several comes first; see ``find`` in the
    documentation for which of several mocks a call reaches.

    Args:
        *names: the doors: ``sdk`` (pusher's back ends, pysher), ``httpx`` (and httpx2),
            ``requests``, ``aiohttp``, ``websocket`` (websocket-client, websockets). All of them
            when none is named. A library that is not installed, or not imported yet, is no
            obstacle.
        mock: the mock; without it the current one is looked up at every call.
        hosts: hosts that are Pusher's besides ``*.pusher.com`` and ``*.pusherapp.com``, such as
            ``localhost:6001`` for ``PUSHER_HOST``. SDKs are caught wherever they call.
        allow_real: hosts that are called for real, such as ``api-eu.pusher.com`` or
            ``*.pusher.com``: everything that goes there, that of the SDKs included. Each call of
            the service is logged as a warning.
        forward_to: the URL of a local server, or the server, that calls are sent to instead of
            being answered here. Signatures stay valid.
        strict: refuse calls of Pusher's hosts that no door takes with ``NotIntercepted``, again
            at the end if the application has swallowed it.

    Attributes:
        escaped: the calls that were refused.

    Raises:
        UsageError: there is no such door, a host is none, or the server is not on this machine.
    """

    def __init__(
        self,
        *names: str,
        mock: PusherMock | None = None,
        hosts: str | Iterable[str] = (),
        allow_real: str | Iterable[str] = (),
        forward_to: object = None,
        strict: bool = True,
    ) -> None:
        asked = doors.read_doors(names)
        allowed = read_hosts(allow_real, "allow_real")
        self._rule = Rule(
            doors=frozenset(asked),
            core=mock.core if mock is not None else None,
            hosts=read_hosts(hosts),
            allow_real=allowed,
            forward=read_forward(forward_to, allowed),
            strict=strict,
            escaped=[],
        )
        self._modules = doors.modules_of(asked, strict=strict)
        self._depth = 0

    @property
    def mock(self) -> PusherMock:
        """The mock that a call would reach now."""
        mock: PusherMock = facade_of(self._rule.mock())
        return mock

    @property
    def escaped(self) -> list[NotIntercepted]:
        """The calls that were refused."""
        return self._rule.escaped

    def start(self) -> Interception:
        """Begin, inside whatever intercepts already; again is fine, and needs as many stops.

        Raises:
            UsageError: somebody else's double is in a place that would be replaced.
        """
        doors.load(self._modules)
        with doors.guard:
            doors.install(self._modules)
            routing.begin(self._rule)
            self._depth += 1
        return self

    def stop(self) -> None:
        """End; every function that was replaced is the very object that it was before.

        Raises:
            UsageError: it has not begun, or somebody has replaced a function meanwhile and not
                put it back.
            NotIntercepted: a call was refused, and the application has swallowed that.
        """
        self._stop()
        self.raise_escaped()

    def _stop(self) -> None:
        with doors.guard:
            if not self._depth:
                raise UsageError("this interception has not begun; call start(), or use with")
            self._depth -= 1
            routing.end(self._rule)
        # Threads end here that may import something, and with the seams still in place.
        visits.release()
        with doors.guard:
            wrong = doors.remove(self._modules)
        if wrong:
            raise UsageError("; ".join(wrong))

    def raise_escaped(self) -> None:
        """Raise what was refused so far, if anything, and forget it; ``stop()`` does so, too.

        Raises:
            NotIntercepted: a call was refused; an ``ExceptionGroup`` when there are several.
        """
        escaped, self._rule.escaped[:] = list(self._rule.escaped), []
        raise_all(escaped, f"{len(escaped)} calls were about to leave for Pusher")

    def __enter__(self) -> PusherMock:
        self.start()
        return self.mock

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()
        if error is None:
            self.raise_escaped()
        elif not self._depth:
            self._rule.escaped.clear()

    def __call__(self, function: _Function) -> _Function:
        """Catch what a function, or a coroutine function, sends while it runs."""
        if isinstance(function, type):
            raise UsageError(
                "intercepted() decorates functions; for a class of tests use the marker, "
                "or PusherMockMixin with pusher_mock_intercept"
            )
        if isinstance(function, staticmethod | classmethod) or isasyncgenfunction(function):
            raise UsageError(
                "intercepted() decorates functions, coroutine functions and generators: put it "
                "below @staticmethod and @classmethod, and use `with` in an async generator"
            )
        if isgeneratorfunction(function):

            @wraps(function)
            def generate(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return (yield from function(*args, **kwargs))

            return generate  # type: ignore[return-value]
        if iscoroutinefunction(function):

            @wraps(function)
            async def run_async(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)

            return run_async  # type: ignore[return-value]

        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with self:
                result = function(*args, **kwargs)
                if iscoroutine(result):
                    result.close()
                    raise UsageError(
                        "what intercepted() decorates has returned a coroutine, which would run "
                        "when nothing is caught any more: decorate the coroutine function"
                    )
                return result

        return run  # type: ignore[return-value]

    def __repr__(self) -> str:
        rule = self._rule
        names = " ".join(door for door in doors.DOORS if door in rule.doors)
        to = f" to {rule.forward.url}" if rule.forward is not None else ""
        return f"<Interception {names}{to}{' active' if self._depth else ''}>"


def intercepted(*names: str, **options: Any) -> Interception:
    """Catch every call of Pusher for the current mock, in a ``with`` block or as a decorator.

    Args:
        *names: the doors, as in ``Interception``; all of them when none is named.
        **options: the further parameters of ``Interception``.

    Returns:
        What begins in a ``with`` block, which gives the current mock.

    Raises:
        UsageError: as ``Interception``.
    """
    return Interception(*names, **options)


def from_option(given: object, mock: PusherMock | None = None) -> Interception | None:
    """What a setting such as the marker's ``intercept=`` asks for.

    Args:
        given: ``True`` or ``"all"`` for every door, names of doors in one text or several, a
            dictionary of parameters of ``Interception`` with the names under ``doors``; ``False``
            or ``None`` for none.
        mock: the mock; without it the one that is current at a call.

    Raises:
        UsageError: as ``Interception``.
    """
    if given is None:
        return None
    options: dict[str, Any] = dict(given) if isinstance(given, Mapping) else {"doors": given}
    asked = options.pop("doors", True)
    if isinstance(asked, bool):
        return Interception(mock=mock, **options) if asked else None
    names = [asked] if isinstance(asked, str) else list(asked)
    if names in _OFF:
        return None
    if not any(names):
        raise UsageError("this names no door: write 'all', names of doors, or False for none")
    return Interception(*names, mock=mock, **options)


def read_forward(given: object, allowed: HostSet) -> Forward | None:
    """Read ``forward_to=``.

    Args:
        given: a URL, something with one, such as a server, or nothing.
        allowed: hosts that may be elsewhere.

    Raises:
        UsageError: it is neither, or it is not on this machine.
    """
    if given is None:
        return None
    url = given if isinstance(given, str) else getattr(given, "url", None)
    parts = urlsplit(url) if isinstance(url, str) else None
    try:
        port = parts.port if parts is not None else None
    except ValueError:
        parts, port = None, None
    if parts is None or parts.scheme not in _SCHEMES or not parts.hostname:
        raise UsageError(
            "forward_to takes a server of mock.serve(), or a URL such as "
            f"'http://127.0.0.1:6001', not {given!r}"
        )
    forward = Forward(parts.scheme, parts.hostname, port or PORTS[parts.scheme])
    if not is_loopback(forward.host) and not allowed.has(forward.host, forward.port):
        raise UsageError(
            f"forward_to={url!r} is not on this machine: nothing of a test is to leave it; "
            f"if it is meant, allow it by name with allow_real=[{forward.host!r}]"
        )
    return forward
