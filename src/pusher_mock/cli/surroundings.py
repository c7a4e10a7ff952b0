"""The environment in which ``run`` starts a command, and which ``env`` prints."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from compat.local_server import parse_mock_url
from compat.names import MOCK_DEFAULTS, NUMERIC_APP_ID, SPELLINGS, URL
from pusher_mock.core.loopback import is_loopback
from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.local_server import Place

__all__ = [
    "STARTUP",
    "check_startup",
    "credentials",
    "named_hosts",
    "place_of",
    "python_path",
    "supplied",
]

STARTUP = Path(__file__).parent.parent / "bootstrap" / "startup"
"""The folder that is first on the path of every Python process of a command."""

_DEFAULTS = {**MOCK_DEFAULTS, "app_id": NUMERIC_APP_ID}


def check_startup() -> None:
    """Refuse to start anything when what catches calls was not installed.

    Raises:
        UsageError: it was not.
    """
    needed = STARTUP / "sitecustomize.py"
    if not needed.is_file():
        raise UsageError(f"{needed} is missing, and no call would be caught: reinstall pusher-mock")


def credentials(environment: Mapping[str, str]) -> dict[str, str]:
    """Id, key, secret and cluster as an environment has them, else the mock's.

    Under whichever spelling, a server's before the browser's; or in ``PUSHER_URL``.
    """
    try:
        url = urlsplit(environment.get(URL, ""))
        within = {
            "app_id": url.path.rpartition("/")[2],
            "key": unquote(url.username or ""),
            "secret": unquote(url.password or ""),
        }
    except ValueError:  # no URL; the application will say so
        within = {}
    return {
        field: next(
            (environment[name] for name in SPELLINGS[field] if environment.get(name, "").strip()),
            within.get(field) or default,
        )
        for field, default in _DEFAULTS.items()
    }


def supplied(environment: Mapping[str, str]) -> dict[str, str]:
    """What an application may read and does not find: the known names that have no value.

    A name gets the value that another spelling of it has, so that all of them agree.
    """
    found = credentials(environment)
    values = {name: found[field] for field in found for name in SPELLINGS[field]}
    key, secret = quote(found["key"], safe=""), quote(found["secret"], safe="")
    values[URL] = f"http://{key}:{secret}@api-{found['cluster']}.pusher.com/apps/{found['app_id']}"
    values["USE_MOCKS"] = "true"
    return {name: value for name, value in values.items() if not environment.get(name, "").strip()}


def named_hosts(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The host of a Pusher that somebody runs himself, as the environment names it.

    One on this machine counts with its port only: other services answer there, too.
    """
    host = environment.get("PUSHER_HOST", "").strip()
    port = environment.get("PUSHER_PORT", "").strip()
    if not host or "/" in host or (is_loopback(host) and not port.isdigit()):
        return ()
    return (f"{host}:{port}" if port.isdigit() and ":" not in host else host,)


def python_path(environment: Mapping[str, str]) -> str:
    """``PYTHONPATH`` with our folder first, and once."""
    given = environment.get("PYTHONPATH", "")
    others = [one for one in given.split(os.pathsep) if one != str(STARTUP)] if given else []
    return os.pathsep.join([str(STARTUP), *others])


def place_of(url: str, allowed: str | None = None) -> Place:
    """Where a server is.

    Args:
        url: as somebody wrote it.
        allowed: a host elsewhere that is meant; by default that of ``PUSHER_MOCK_ALLOWED_HOST``.

    Raises:
        UsageError: it is no address of a server, or of one that is not on this machine.
    """
    try:
        return parse_mock_url(url, allowed or os.environ.get("PUSHER_MOCK_ALLOWED_HOST"))
    except ValueError as error:
        raise UsageError(f"{url}: {error}") from None
