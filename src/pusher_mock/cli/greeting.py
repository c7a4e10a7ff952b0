"""What ``serve`` says when it is ready, and what it warns of."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pusher_mock.core import DEFAULT_APP
from pusher_mock.core.loopback import ANY_ADDRESS, is_loopback
from pusher_mock.protocol import defaults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pusher_mock.engine import App

__all__ = ["environment", "greeting", "local_url", "unheeded", "warning_for", "weather_line"]


def local_url(host: str, port: int, tls: bool) -> str:
    """The address of a server as a client on this machine writes it."""
    host = _reached(host)
    shown = f"[{host}]" if ":" in host else host
    return f"http{'s' if tls else ''}://{shown}:{port}"


def _reached(host: str) -> str:
    if host not in ANY_ADDRESS:
        return host
    return "::1" if host == "::" else "127.0.0.1"


def warning_for(host: str) -> str | None:
    """What it means to listen there; ``None`` when it means nothing."""
    if is_loopback(host):
        return None
    return (
        f"--host {host}: everybody who reaches this machine over the network may connect, "
        "subscribe and, with the secret, publish; the secret of the default app is in the "
        "documentation for all to read. Without --host only this machine may"
    )


def unheeded(network: str) -> str | None:
    """What of the weather a server of its own process cannot do; ``None`` when it can do all."""
    from pusher_mock.network.profiles import weather

    if not any(conditions.auth_error_rate for _, conditions in weather(network).rules):
        return None
    return (
        f"--network {network}: authorizations fail where they are made, in your application's "
        "endpoint, and a server only checks signatures. Have your tests use this weather instead"
    )


def environment(url: str, apps: Sequence[App]) -> list[str]:
    """The settings that send an application to this server; never a secret.

    The real Pusher's would be refused, so id and key are there unless they are the defaults.
    """
    lines = ["USE_MOCKS=true", f"PUSHER_MOCK_URL={url}"]
    first = apps[0]
    if first.key != defaults.KEY:
        lines += [f"PUSHER_APP_ID={first.id}", f"PUSHER_KEY={first.key}"]
    return lines


def weather_line(network: str, seed: int) -> str:
    """The weather that a server has, and with which seed it comes again; empty when it is good."""
    return "" if network == "perfect" else f"{network} (seed {seed})"


def greeting(
    url: str,
    host: str,
    port: int,
    apps: Sequence[App],
    cafile: str | None,
    tls: bool,
    weather: str = "",
) -> list[str]:
    """The lines that say how to use this server."""
    lines = [f"pusher-mock {version('pusher-mock')} is ready at {url} (Ctrl-C stops it)"]
    for app in apps:
        ids = " or ".join([app.id, *app.aliases])
        keys = ", ".join([app.key, *(one.key for one in app.keys if one.active)])
        secret = f", secret {app.secret}" if _documented(app) else ""
        lines.append(f"  app        {ids}: key {keys}{secret}")
    options: dict[str, Any] = {
        "cluster": defaults.CLUSTER,  # pusher-js insists on one (facts 4.1.5)
        "wsHost": _reached(host),
        "wssPort" if tls else "wsPort": port,
        "forceTLS": tls,
        "enabledTransports": ["ws", "wss"] if tls else ["ws"],
    }
    lines.append(f"  pusher-js  new Pusher({json.dumps(apps[0].key)}, {json.dumps(options)})")
    if cafile is not None:
        lines.append(f"  trust      {cafile} (until the server ends)")
    if weather:
        lines.append(f"  network    {weather}")
    lines += ["", *environment(url, apps)]
    return lines


def _documented(app: App) -> bool:
    return (app.key, app.secret) == (DEFAULT_APP.key, DEFAULT_APP.secret)
