"""Calls of Pusher that no SDK makes: HTTP by hand, and WebSockets by hand."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from .findings import NO_DOOR, Finding
from .hosts import AddressTracer
from .names import dotted
from .values import text_of

if TYPE_CHECKING:
    from .findings import Severity
    from .module import Module
    from .project import Project
    from .reader import Notes
    from .scopes import Scope

__all__ = ["AddressReader", "is_address"]

# facts 1.1, 2.1.1: the hosts that are called; those of documentation and dashboard are not
_HOST: Final = re.compile(
    r"\b(?:api|ws|sockjs|stats)[-\w.%*{}]*\.pusher(?:app)?\.com\b|\bpusherapp\.com\b"
)
_SPACE: Final = re.compile(r"\s")  # of prose
_WEBSOCKET: Final = re.compile(r"\bwss?[-:/]|\bws\.")

_DOORS: Final = {
    "requests": "requests",
    "requests_futures": "requests",
    "httpx": "httpx",
    "httpx2": "httpx",
    "aiohttp": "aiohttp",
    "websocket": "websocket",
    "websockets": "websocket",
    "urllib": NO_DOOR,
    "urllib2": NO_DOOR,
    "urllib3": NO_DOOR,
    "http": NO_DOOR,
    "httplib": NO_DOOR,
    "httplib2": NO_DOOR,
    "pycurl": NO_DOOR,
    "socket": NO_DOOR,
    "tornado": NO_DOOR,
}
_SOCKETS: Final = ("websocket", "websockets", "aiohttp", "tornado")
_HTTP: Final = (
    "requests", "httpx", "httpx2", "aiohttp", "urllib.request", "urllib2", "urllib3",
    "http.client", "httplib", "httplib2", "pycurl", "tornado",
)  # fmt: skip
_CALLS: Final = ("urllib.request.", "urllib2.", "urllib3.", "http.client.", "httplib", "pycurl.")
_LABELS: Final = {"http": "http.client"}
_PURE: Final = ("urllib.parse", "http.HTTPStatus", "urlparse")
_STUBS: Final = {
    "respx": "pusher_mock.intercept.respx.mount(router) answers from the engine instead",
    "responses": "pusher_mock.intercept.responses.PusherRegistry answers from the engine instead",
    "requests_mock": "let mock.intercept() answer from the engine instead",
    "httpretty": "let mock.intercept() answer from the engine instead",
    "pytest_httpx": "let mock.intercept() answer from the engine instead",
}
_REFUSED: Final = (
    "no door answers this library: the call is refused with NotIntercepted, unless "
    "intercept(allow_real=) or `pusher-mock run --allow-real` lets it out; call with pusher, "
    'requests, httpx or aiohttp instead; see "Every call caught" in the docs'
)
_UNKNOWN: Final = "which library calls it is not seen here; one without a door is refused"
_PERHAPS: Final = (
    "it may not be caught: whom it calls is not seen here, and a call of Pusher by this library "
    "is refused with NotIntercepted"
)


def is_address(text: str | None) -> bool:
    """Whether a text names a host of Pusher's that programs call."""
    return text is not None and bool(_HOST.search(text))


class AddressReader:
    """Finds addresses of Pusher in one module, in calls first, then by themselves.

    Args:
        module: the module.
        project: where its imports are found.
        to: where findings go.
    """

    def __init__(self, module: Module, project: Project, to: Notes) -> None:
        self._module = module
        self._tracer = AddressTracer(module, project, is_address)
        self._to = to
        self._seen: set[int] = set()  # lines whose address has been told
        self._alone: list[tuple[int, str]] = []
        self._uncertain: list[tuple[int, str]] = []  # calls without a door, of whom is not seen
        self._missed = False

    def ignore(self, node: ast.AST) -> None:
        """What belongs to a client is not a call of its own."""
        self._seen.update(getattr(one, "lineno", 0) for one in ast.walk(node))

    def see(self, node: ast.AST, scope: Scope) -> None:
        """Look at one node."""
        if isinstance(node, ast.Call):
            self._call(node, scope)
        elif isinstance(node, ast.Constant | ast.JoinedStr):
            text = text_of(node)
            if text is not None and is_address(text) and not _SPACE.search(text):
                self._alone.append((node.lineno, text))

    def finish(self, *, calls: bool) -> None:
        """Tell of the addresses that no known call has.

        Args:
            calls: whether the module calls Pusher by an SDK; its host is no call of its own then.
        """
        for line, text in self._alone:
            if line not in self._seen:
                self._seen.add(line)
                self._tell(line, text, self._by_imports(text))
        if self._missed or not self._alone or calls:
            return
        for line, library in self._uncertain[:1]:
            host = _shown(self._alone[0][1])
            text = f"a call by {_LABELS.get(library, library)}, beside {host}"
            path = self._module.path
            self._to.add(
                Finding(path, line, "http", "warning", text, None, _PERHAPS, others=(NO_DOOR,))
            )

    def _call(self, node: ast.Call, scope: Scope) -> None:
        called = self._module.names.resolve(node.func) or ""
        library = called.partition(".")[0]
        if called.startswith(_PURE) or (library not in _DOORS and library not in _STUBS):
            method = (dotted(node.func) or "").rpartition(".")[2]
            if method not in _METHODS:
                return
            library = ""
        told_elsewhere = False
        for argument in (*node.args, *(one.value for one in node.keywords)):
            address = self._tracer.find(argument, scope)
            if address is not None:
                self._seen.update((node.lineno, argument.lineno, *address.lines))
                libraries = (library,) if library else self._by_imports(address.text)
                self._tell(node.lineno, address.text, libraries)
                return
            told_elsewhere |= text_of(argument) is not None
        if _DOORS.get(library) == NO_DOOR and called.startswith(_CALLS) and not told_elsewhere:
            self._uncertain.append((node.lineno, library))

    def _by_imports(self, text: str) -> tuple[str, ...]:
        """The libraries that the module imports for this kind of address."""
        names = self._module.names
        for library in _STUBS:
            if names.imports(library) is not None:
                return (library,)
        others: tuple[str, ...] = _SOCKETS if _is_websocket(text) else _HTTP
        found = [one.partition(".")[0] for one in others if names.imports(one) is not None]
        return tuple(dict.fromkeys(found))

    def _tell(self, line: int, text: str, libraries: tuple[str, ...]) -> None:
        shown = _shown(text)
        kind = "websocket" if _is_websocket(text) else "http"
        by = " or ".join(_LABELS.get(one, one) for one in libraries)
        if libraries and libraries[0] in _STUBS:
            told = f"{shown} is answered by hand, with {by}"
            advice = _STUBS[libraries[0]]
            self._to.add(Finding(self._module.path, line, "stub", "note", told, None, advice))
            return
        doors = tuple(dict.fromkeys(_DOORS[one] for one in libraries))
        # The first is the one that may catch it.
        doors = tuple(sorted(doors, key=lambda one: one == NO_DOOR))
        severity: Severity = "note"
        advice = "" if doors else _UNKNOWN
        if NO_DOOR in doors:
            self._missed, severity = True, "warning"
            advice = _REFUSED if len(doors) == 1 else _UNKNOWN
        what = "a WebSocket to" if kind == "websocket" else "an HTTP call of"
        told = f"{what} {shown}{f' by {by}' if by else ''}"
        door = doors[0] if doors else None
        path = self._module.path
        self._to.add(Finding(path, line, kind, severity, told, door, advice, others=doors[1:]))


_METHODS: Final = frozenset(
    {
        "connect", "create_connection", "delete", "fetch", "get", "post", "put", "request",
        "send", "urlopen", "ws_connect",
    }
)  # fmt: skip


def _shown(text: str) -> str:
    """The host alone."""
    host = _HOST.search(text)
    return host[0] if host is not None else ""


def _is_websocket(text: str) -> bool:
    return bool(_WEBSOCKET.search(text))
