"""Where clients are built: when, from what, and what that means for tests."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from . import secrets
from .clients import Built, arguments_of
from .findings import Finding, Literally, When
from .scopes import is_kept
from .values import Origin
from .walk import is_test

if TYPE_CHECKING:
    from .clients import ClientFinder
    from .module import Module
    from .project import Project
    from .reader import Notes
    from .scopes import Scope

__all__ = ["BACKENDS", "read_client"]

BACKENDS: Final = {
    "AsyncIOBackend": "aiohttp",
    "TornadoBackend": "tornado",
    "GAEBackend": "App Engine's urlfetch",
}
"""Back ends of the SDK besides its own, and what they call with."""

_SHOWN: Final = ("app_id", "key", "secret", "cluster", "host", "port", "ssl", "url")
_WHEN: Final[dict[When, str]] = {
    "import": "built at import",
    "main": "built when the file is run",
    "cached": "built at the first call and kept",
    "call": "built at each call",
}
_DEFAULT_URL: Final = "PUSHER_URL"

_HELD: Final = (
    "settings that a test changes later do not reach it; the door is in the class, so its calls "
    'are caught all the same; see "Clients built at import" in the how-tos'
)
_IN_PACKAGE: Final = "importing anything of this package builds it"
_EXTENSION: Final = "builds its client from the application's configuration"


def read_client(
    node: ast.Call, scope: Scope, module: Module, project: Project, finder: ClientFinder, to: Notes
) -> bool:
    """Take down a client, if a call builds one, with its settings, secrets and literals.

    Args:
        node: the call.
        scope: where it stands.
        module: in which module.
        project: where the module's imports are found.
        finder: knows what builds clients.
        to: where it is taken down.

    Returns:
        Whether it builds one.
    """
    built = finder.built(node, module)
    if built is None:
        made = finder.made_by(node, module) if scope.when in ("import", "main") else None
        if made is None:
            return False
        name, built = made
        text = f"{built.label} {_WHEN[scope.when]}, by {name}()"
        _keep(to, Finding(module.path, node.lineno, "client", "note", text, built.door), scope)
        return True
    if is_kept(node, scope):
        scope = replace(scope, when="cached")
    arguments = {
        name: project.trace(value, module, scope)
        for name, value in arguments_of(node, built).items()
        if (name in _SHOWN or name == "env") and not _is_none(value)
    }
    if built.maker == "from_env":
        given = arguments.pop("env", None)
        name = given.value if given is not None and given.value else _DEFAULT_URL
        arguments["url"] = Origin("environment", node.lineno, name, required=True)
    _take_settings(arguments, scope, module, to)
    _take_literals(node, arguments, module, to)
    text = f"{built.label} {_WHEN[scope.when]}"
    if scope.place:
        text += f" {scope.place}"
    told = _told(arguments)
    if built.library == "flask_pusher":
        told = _EXTENSION
    if told:
        text += f"; {told}"
    _keep(to, Finding(module.path, node.lineno, "client", "note", text, built.door), scope)
    _take_host(node, built, arguments, module, to)
    return True


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _keep(to: Notes, finding: Finding, scope: Scope) -> None:
    """With what its moment means for tests."""
    advice = _HELD if scope.when in ("import", "cached") else ""
    if scope.at_import and finding.path.endswith("__init__.py"):
        advice = f"{_IN_PACKAGE}; {advice}"
    kept = replace(finding, advice=advice, when=scope.when)
    to.add(kept)
    if advice:
        to.held.append(kept)


def _take_settings(
    arguments: dict[str, Origin | None], scope: Scope, module: Module, to: Notes
) -> None:
    for kind, origin in arguments.items():
        if origin is not None and origin.name:
            to.read(module.path, origin, scope.when, kind)


def _take_literals(
    node: ast.Call, arguments: dict[str, Origin | None], module: Module, to: Notes
) -> None:
    path, tests = module.path, is_test(module.path)
    for kind in ("key", "cluster"):
        origin = arguments.get(kind)
        if origin is not None and origin.value and not tests:
            where = origin.path or path
            to.literals.append(Literally(kind, origin.value, where, origin.line or node.lineno))
    for kind, keep in (("secret", to.secret), ("url", to.secret_in_url)):
        origin = arguments.get(kind)
        if origin is not None and origin.value:
            what = f"the default of {origin.name}" if origin.name else f"the {kind} of a client"
            keep(origin.path or path, origin.line, origin.value, what)


def _told(arguments: dict[str, Origin | None]) -> str:
    parts = []
    for name in _SHOWN:
        if name not in arguments:
            continue
        origin = arguments[name]
        parts.append(f"{name} {_source(name, origin)}")
    return ", ".join(parts)


def _source(name: str, origin: Origin | None) -> str:
    if origin is None:
        return "computed"
    if origin.how == "django":
        return f"from settings.{origin.name}"
    if origin.name:
        return f"from {origin.name}"
    value = origin.value or ""
    if name in ("ssl", "port", "app_id"):
        return f"literal {value}"
    if name == "url":
        return "literal"
    if name == "secret":
        return f"literal ({secrets.mask(value)})"
    return f"literal {value!r}"


def _take_host(
    node: ast.Call, built: Built, arguments: dict[str, Origin | None], module: Module, to: Notes
) -> None:
    """A client that talks to a server of its own, such as soketi; and its back end."""
    host = arguments.get("host")
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if "host" in arguments:
        source = _source("host", host)
        to.add(
            Finding(
                module.path,
                node.lineno,
                "host",
                "note",
                f"the client's host is its own: {source}",
                built.door,
                "the SDKs are caught wherever they call; for calls of other libraries name the "
                "host with hosts=",
            )
        )
    backend = given.get("backend")
    name = (module.names.resolve(backend) or "").rpartition(".")[2] if backend is not None else ""
    if name in BACKENDS:
        to.add(
            Finding(
                module.path,
                node.lineno,
                "backend",
                "note",
                f"{name}: calls go out by {BACKENDS[name]}",
                built.door,
                "what it returns stays what it is, a coroutine or a future",
            )
        )
