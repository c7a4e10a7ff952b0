"""Path and query of a request as the client sent them, whatever this application is mounted on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

if TYPE_CHECKING:
    from starlette.types import Scope

__all__ = ["parameters_of", "path_of", "target_of"]


def path_of(scope: Scope) -> str:
    """The path within this application, percent-encoding included."""
    raw = scope.get("raw_path")
    # Some servers and test clients leave the query in, or `raw_path` out.
    path = quote(scope["path"]) if raw is None else raw.partition(b"?")[0].decode("latin-1")
    root = scope.get("root_path", "")
    if root and path.startswith(root):
        path = path[len(root) :]
    return path


def target_of(scope: Scope) -> str:
    """Path and query."""
    query = scope.get("query_string", b"")
    return f"{path_of(scope)}?{query.decode('latin-1')}" if query else path_of(scope)


def parameters_of(query: bytes) -> tuple[tuple[str, str], ...]:
    """The decoded parameters of a query in the order they came."""
    text = query.decode("latin-1")
    if "%" in text or "+" in text:
        return tuple(parse_qsl(text, keep_blank_values=True))
    # What an SDK signs is mostly plain, and this is a quarter of the price.
    return tuple(
        [(name, value) for name, _, value in [one.partition("=") for one in text.split("&") if one]]
    )
