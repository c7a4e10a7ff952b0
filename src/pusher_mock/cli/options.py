"""Options that commands share: which server to ask, and what chance begins with."""

from __future__ import annotations

import os
import random
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

import click

from compat.names import SPELLINGS
from pusher_mock.core.loopback import is_loopback
from pusher_mock.protocol import defaults
from pusher_mock.protocol.errors import UsageError

from .remote import Remote

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DEFAULT_PORT", "Seed", "with_remote"]

DEFAULT_PORT = 6001
_SEEDS = 1_000_000  # as many as are easy to type
_ALLOWED_HOST = "PUSHER_MOCK_ALLOWED_HOST"


class Seed(click.ParamType[int]):
    """A whole number, or ``random`` for any."""

    name = "seed"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it; what was chosen can be given the next time."""
        if value == "random":
            return random.randrange(_SEEDS)
        try:
            return int(value)
        except ValueError:
            self.fail(f"{value!r} is neither a whole number nor random", param, ctx)


def _url(text: str, allow_remote: bool) -> SplitResult:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        url, port = SplitResult("", "", "", "", ""), None
    if url.scheme not in ("http", "https") or not url.hostname or port == 0:
        raise UsageError("that is no address of a server; write http://HOST:PORT")
    if url.username is not None or url.path not in ("", "/") or url.query or url.fragment:
        raise UsageError(
            "the address of a server is scheme, host and port; give the credentials with --key, "
            "--secret and --app-id"
        )
    meant = allow_remote or url.hostname == os.environ.get(_ALLOWED_HOST, "").strip().lower()
    if not meant and not is_loopback(url.hostname):
        raise UsageError(
            f"{url.hostname} is another machine; to ask it all the same, add --allow-remote or "
            f"set {_ALLOWED_HOST}={url.hostname}"
        )
    return url._replace(path="")


def with_remote(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which server; the function takes a ``remote``."""

    @wraps(function)
    def call(
        *,
        url: str,
        key: str,
        secret: str,
        app_id: str,
        cafile: str | None,
        allow_remote: bool,
        **options: Any,
    ) -> None:
        # The SDK takes digits only. What has another id answers to this one (see `serve --app`).
        app_id = app_id if app_id.isascii() and app_id.isdigit() else defaults.NUMERIC_APP_ID
        function(remote=Remote(_url(url, allow_remote), app_id, key, secret, cafile), **options)

    decorated: Callable[..., None] = call
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


_OPTIONS: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    click.option(
        "--url",
        default=f"http://127.0.0.1:{DEFAULT_PORT}",
        envvar="PUSHER_MOCK_URL",
        show_default=True,
        show_envvar=True,
        metavar="URL",
        help="Where the server is.",
    ),
    click.option(
        "--key",
        default=defaults.KEY,
        envvar=list(SPELLINGS["key"]),
        show_default=True,
        show_envvar=True,
        help="The app's key.",
    ),
    click.option(
        "--secret",
        default=defaults.SECRET,
        envvar=list(SPELLINGS["secret"]),
        show_default=True,
        show_envvar=True,
        help="The app's secret.",
    ),
    click.option(
        "--app-id",
        default=defaults.NUMERIC_APP_ID,
        envvar=list(SPELLINGS["app_id"]),
        show_default=True,
        show_envvar=True,
        help="The app's id. The SDK takes digits only; 1 is asked for instead of anything else.",
    ),
    click.option(
        "--cafile",
        type=click.Path(exists=True, dir_okay=False),
        help="Whom to trust for https, in PEM.",
    ),
    click.option(
        "--allow-remote", is_flag=True, help="Ask a server that is not on this machine, too."
    ),
)
