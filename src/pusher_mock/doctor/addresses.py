"""Calls of Pusher that no SDK makes: HTTP by hand, and WebSockets by hand."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from .findings import NO_DOOR, Finding
from .names import dotted
from .values import text_of

if TYPE_CHECKING:
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
    "http.client", "httplib", "tornado",
)  # fmt: skip
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
    "allow_real= lets it out; call with pusher, requests, httpx or aiohttp instead"
)
_UNKNOWN: Final = "which library calls it is not seen here; one without a door is refused"


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
        self._project = project
        self._to = to
        self._seen: set[int] = set()  # lines whose address has been told
        self._alone: list[tuple[int, str]] = []

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

    def finish(self) -> None:
        """Tell of the addresses that no known call has."""
        for line, text in self._alone:
            if line not in self._seen:
                self._seen.add(line)
                self._tell(line, text, self._by_imports(text))

    def _call(self, node: ast.Call, scope: Scope) -> None:
        library = (self._module.names.resolve(node.func) or "").partition(".")[0]
        called = self._module.names.resolve(node.func) or ""
        if called.startswith(_PURE) or (library not in _DOORS and library not in _STUBS):
            method = (dotted(node.func) or "").rpartition(".")[2]
            if method not in _METHODS:
                return
            library = ""
        for argument in (*node.args, *(one.value for one in node.keywords)):
            origin = self._project.trace(argument, self._module, scope)
            text = text_of(argument) or (origin.value if origin is not None else None)
            if text is None or not is_address(text):
                continue
            if origin is not None and origin.path in ("", self._module.path):
                self._seen.add(origin.line)
            self._seen.update((node.lineno, argument.lineno))
            self._tell(node.lineno, text, library or self._by_imports(text))
            return

    def _by_imports(self, text: str) -> str:
        """The library that the module imports, if it imports one for this kind of address."""
        names = self._module.names
        others: tuple[str, ...] = _SOCKETS if _is_websocket(text) else _HTTP
        for library in (*_STUBS, *others):
            if names.imports(library) is not None:
                return library.partition(".")[0]
        return ""

    def _tell(self, line: int, text: str, library: str) -> None:
        host = _HOST.search(text)
        shown = host[0] if host is not None else ""
        kind = "websocket" if _is_websocket(text) else "http"
        by = f" by {library}" if library else ""
        if library in _STUBS:
            told = f"{shown} is answered by hand, with {library}"
            self._to.add(
                Finding(self._module.path, line, "stub", "note", told, None, _STUBS[library])
            )
            return
        door = _DOORS.get(library)
        severity, advice = "note", ""
        if door == NO_DOOR:
            severity, advice = "warning", _REFUSED
        elif door is None:
            advice = _UNKNOWN
        what = "a WebSocket to" if kind == "websocket" else "an HTTP call of"
        self._to.add(
            Finding(
                self._module.path,
                line,
                kind,
                "warning" if severity == "warning" else "note",
                f"{what} {shown}{by}",
                door,
                advice,
            )
        )


_METHODS: Final = frozenset(
    {
        "connect", "create_connection", "delete", "fetch", "get", "post", "put", "request",
        "send", "urlopen", "ws_connect",
    }
)  # fmt: skip


def _is_websocket(text: str) -> bool:
    return bool(_WEBSOCKET.search(text))
