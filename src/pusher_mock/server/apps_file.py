"""The apps of a server from a TOML or JSON file: every switch of ``App`` by its own name."""

from __future__ import annotations

import json
import tomllib
from dataclasses import MISSING, fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.engine import App, AppKey, Webhook
from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["check_distinct", "check_webhook_url", "load_apps"]

_TEXT, _SWITCH, _NUMBER = "a string that is not empty", "true or false", "a whole number"
_LIMIT = "a whole number, or nothing for no limit"
_TEXTS = "a list of strings"
_KEYS, _WEBHOOKS = "a list of tables with key and secret", "a list of tables with url"

# What each field takes. Values are never shown: one of them is a secret, and the wrong field may
# hold it.
_APP: Final = {
    "id": _TEXT,
    "key": _TEXT,
    "secret": _TEXT,
    "aliases": _TEXTS,
    "keys": _KEYS,
    "client_events": _SWITCH,
    "subscription_count": _SWITCH,
    "watchlist": _SWITCH,
    "authorized_connections": _SWITCH,
    "authorization_timeout": _NUMBER,
    "enabled": _SWITCH,
    "tls_only": _SWITCH,
    "max_connections": _LIMIT,
    "daily_messages": _LIMIT,
    "cache_ttl": _NUMBER,
    "webhooks": _WEBHOOKS,
    "webhook_batching": _SWITCH,
}
_KEY: Final = {"key": _TEXT, "secret": _TEXT, "active": _SWITCH}
_WEBHOOK: Final = {"url": _TEXT, "events": _TEXTS}


def _is_list(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_FITS: Final[dict[str, Callable[[Any], bool]]] = {
    _TEXT: lambda value: isinstance(value, str) and value != "",
    _SWITCH: lambda value: isinstance(value, bool),
    _NUMBER: _is_number,
    _LIMIT: lambda value: value is None or _is_number(value),
    _TEXTS: lambda value: _is_list(value, str),
    _KEYS: lambda value: _is_list(value, dict),
    _WEBHOOKS: lambda value: _is_list(value, dict),
}
_NAMES: Final = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "a table",
    type(None): "nothing",
}


def load_apps(path: str | Path) -> tuple[App, ...]:
    """Read the apps of a file.

    TOML has them as ``[[apps]]``; JSON as a list, or as an object with the list ``apps``. Each
    needs ``id``, ``key`` and ``secret``; the other fields of ``App`` have its defaults.

    Args:
        path: ends with ``.toml`` or ``.json``.

    Raises:
        UsageError: it cannot be read, or something in it is wrong; the text names the file, the
            app, counted from 1, and the field, and never a value.
    """
    path = Path(path)
    content = _parse(path)
    if isinstance(content, dict):
        _check_names(str(path), content, {"apps": ""})
        content = content.get("apps")
    if not _is_list(content, dict) or not content:
        raise UsageError(
            f"{path} has no apps: write a table [[apps]] for each (TOML), or a list of objects "
            "(JSON), with id, key and secret"
        )
    apps = []
    for number, given in enumerate(content, 1):
        where = f"{path}, app {number}"
        try:
            apps.append(_app(where, given))
        except UsageError as error:
            text = str(error)
            raise UsageError(text if text.startswith(where) else f"{where}: {text}") from None
    check_distinct(apps, str(path))
    return tuple(apps)


def check_distinct(apps: Iterable[App], where: str) -> None:
    """Refuse apps that share an id or a key.

    Raises:
        UsageError: two do.
    """
    seen: dict[tuple[str, str], int] = {}
    for number, app in enumerate(apps, 1):
        keys = [app.key, *(one.key for one in app.keys)]
        for what, value in [("id", app.id), *(("key", key) for key in keys)]:
            first = seen.setdefault((what, value), number)
            if first != number or (what == "key" and keys.count(value) > 1):
                raise UsageError(
                    f"{where}, app {number}: the {what} {value} is that of app {first} as well; "
                    f"every {what} is there once"
                )


def check_webhook_url(where: str, url: str) -> None:
    """Refuse what no webhook can be sent to.

    Raises:
        UsageError: it is no URL of HTTP.
    """
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{where} takes a URL that starts with http:// or https://")


def _parse(path: Path) -> Any:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{path} is neither .toml nor .json; the ending says how it is read")
    try:
        return reader(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text") from None
    except (ValueError, RecursionError) as error:  # of either reader; they quote no values
        raise UsageError(f"{path} cannot be understood: {error}") from None


_READERS: Final[dict[str, Callable[[str], Any]]] = {".toml": tomllib.loads, ".json": json.loads}


def _app(where: str, given: dict[str, Any]) -> App:
    if isinstance(given.get("key"), str):
        where = f"{where} ({given['key']})"
    _check(where, given, _APP, App)
    values = dict(given)
    values["keys"] = [
        AppKey(**_check(f"{where}, key {number}", one, _KEY, AppKey))
        for number, one in enumerate(given.get("keys", ()), 1)
    ]
    values["webhooks"] = [
        _webhook(f"{where}, webhook {number}", one)
        for number, one in enumerate(given.get("webhooks", ()), 1)
    ]
    return App(**values)


def _webhook(where: str, given: dict[str, Any]) -> Webhook:
    check_webhook_url(f"{where}: url", _check(where, given, _WEBHOOK, Webhook)["url"])
    try:
        return Webhook(**given)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from None


def _check(where: str, given: dict[str, Any], takes: dict[str, str], of: type) -> dict[str, Any]:
    """Refuse what is unknown, missing or of another type; return what is left: all of it."""
    _check_names(where, given, takes)
    for one in fields(of):
        if one.name not in given and one.default is MISSING and one.default_factory is MISSING:
            raise UsageError(f"{where}: {one.name} is missing; it takes {takes[one.name]}")
    for name, value in given.items():
        if not _FITS[takes[name]](value):
            kind = "an empty one" if value == "" else _NAMES.get(type(value), "a date or time")
            raise UsageError(f"{where}: {name} takes {takes[name]}, not {kind}")
    return given


def _check_names(where: str, given: dict[str, Any], known: dict[str, str]) -> None:
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
            raise UsageError(f"{where}: there is no field {name}; {hint}")
