"""The apps of ``serve``, from its options."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pusher_mock.core import DEFAULT_APP
from pusher_mock.engine import App, Webhook
from pusher_mock.protocol import defaults
from pusher_mock.protocol.errors import UsageError
from pusher_mock.server.apps_file import check_distinct, check_webhook_url, load_apps

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["choose_apps"]


def choose_apps(
    given: Sequence[str],
    file: str | None,
    webhooks: Sequence[str],
    client_events: bool | None,
) -> tuple[App, ...]:
    """Make the apps that the options name.

    Args:
        given: each ``ID:KEY:SECRET``. Like the default app they relay client events, as there is
            no dashboard to switch them on, and answer to the id 1 besides one that is no number.
        file: with further apps.
        webhooks: URLs for the apps that are not from the file.
        client_events: whether those relay client events.

    Raises:
        UsageError: one of them is wrong, or they do not go together.
    """
    apps = tuple(_app(one) for one in given)
    if not apps and file is None:
        apps = (DEFAULT_APP,)
    if not apps and (webhooks or client_events is not None):
        raise UsageError(
            "--webhook and --client-events are for apps that are not from a file; write "
            "`webhooks` and `client_events` into it"
        )
    for url in webhooks:
        check_webhook_url("--webhook", url)
    apps = tuple(
        replace(
            app,
            webhooks=tuple(map(Webhook, webhooks)),
            client_events=app.client_events if client_events is None else client_events,
        )
        for app in apps
    )
    if file is not None:
        apps += load_apps(file)
    check_distinct(apps, "--app and --apps")
    return apps


def _app(text: str) -> App:
    parts = text.split(":", 2)
    if len(parts) != len(("id", "key", "secret")) or not all(parts):
        raise UsageError("--app takes ID:KEY:SECRET")  # what was given may be a secret
    number, key, secret = parts
    digits = number.isascii() and number.isdigit()
    aliases = () if digits else (defaults.NUMERIC_APP_ID,)
    return App(number, key, secret, aliases=aliases, client_events=True)
