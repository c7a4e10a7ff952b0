"""The single accessor: real or mock, by the settings.

Each SDK and the mock is imported inside the branch that hands it out: real mode never imports the
mock, and publishing never imports the subscribing SDK.
"""

import itertools
import logging
from typing import TYPE_CHECKING, Any, Final, cast

from compat.errors import ConfigurationError
from compat.state import Resolved, SharedClient, current, forget

if TYPE_CHECKING:
    import pusher
    import pysher

    from compat.async_server import AsyncPusher
    from compat.settings import PusherSettings

__all__ = [
    "announce_mocks",
    "current_server_class",
    "get_async_pusher_server",
    "get_pusher_client",
    "get_pusher_server",
    "get_pusher_settings",
    "is_mocked",
    "reset_cache",
]

_log: Final = logging.getLogger("compat")
_announcements = itertools.count()  # `next` on it is atomic, and needs no lock after a fork


def get_pusher_server() -> "pusher.Pusher":
    """Return the client that publishes.

    Returns:
        `pusher.Pusher` itself, or `pusher_mock.MockPusherServer` while mocks are on and
        ``PUSHER_MOCK_URL`` names no local server. The same object until the settings change.

    Raises:
        ConfigurationError: The settings are incomplete or wrong.
        MocksRefused: Mocks are on in what looks like production.
        ValueError: The SDK refuses a value, such as a malformed encryption key (facts 5.1).
    """
    resolved = current()
    server = resolved.server
    return _build_server(resolved) if server is None else server


def get_async_pusher_server() -> "AsyncPusher":
    """Return the client that publishes for code that awaits: ``await server.trigger(...)``.

    The same settings and the same mock as `get_pusher_server()`; nothing is sent before a call is
    awaited. One object serves every event loop, of asyncio and of trio.

    Returns:
        `pusher.Pusher` itself with `AsyncHttpxBackend`, or `pusher_mock.MockPusherServer` while
        mocks are on and ``PUSHER_MOCK_URL`` names no local server. The same object until the
        settings change.

    Raises:
        ConfigurationError: The settings are incomplete or wrong.
        ImportError: Neither httpx nor httpx2 is installed; the mock needs none.
        MocksRefused: Mocks are on in what looks like production.
        ValueError: The SDK refuses a value, such as a malformed encryption key (facts 5.1).
    """
    resolved = current()
    server = resolved.async_server
    if server is None:
        server = _build_async_server(resolved)
    return cast("AsyncPusher", server)


def get_pusher_client(connect: bool = False, **options: Any) -> "pysher.Pusher":
    """Return the client that subscribes.

    Without options it is one client that the whole process shares. Once it has ended (after its
    `disconnect()`), or when the settings have changed, the next call returns a fresh one; while
    mocks are on, also when another mock has become the current one, so that server and client
    always meet. With options it is always a fresh one that belongs to the caller.

    Private and presence channels are signed locally with the secret; if ``PUSHER_AUTH_ENDPOINT``
    is set, by that endpoint, and the client never sees the secret. See `PusherSettings` for where
    the socket is (`websocket_host`, `websocket_port`).

    Args:
        connect: Connect it unless it already is or was. The real SDK connects in the background
            (facts 5.2.3), the mock before this returns.
        **options: Parameters of `pysher.Pusher`; they beat the settings.

    Returns:
        `pysher.Pusher` itself, or `pusher_mock.MockPusherClient` while mocks are on and
        ``PUSHER_MOCK_URL`` names no local server.

    Raises:
        ConfigurationError: The settings are incomplete or wrong.
        MocksRefused: Mocks are on in what looks like production.
        TypeError: The SDK knows no such option.
    """
    resolved = current()
    if options:
        client = _build_client(resolved.settings, options)
        if connect:
            client.connect()
        return client
    shared = _share_client(resolved)
    if connect:
        with shared.connecting:
            if not _is_started(shared.client):
                shared.client.connect()
    return shared.client


def get_pusher_settings() -> "PusherSettings":
    """Return the settings in force: for questions such as whether there is a master key.

    Returns:
        A frozen object; ask again after a change.

    Raises:
        ConfigurationError: The settings are incomplete or wrong.
        MocksRefused: Mocks are on in what looks like production.
    """
    return current().settings


def is_mocked() -> bool:
    """Return where the switch stands, also while credentials are missing.

    Returns:
        Whether the accessors hand out mocks.

    Raises:
        ConfigurationError: ``USE_MOCKS`` itself cannot be read.
    """
    try:
        return current().settings.use_mocks
    except ConfigurationError as error:
        if error.use_mocks is None:
            raise
        return error.use_mocks


def reset_cache() -> None:
    """Read everything again at the next use, and build everything anew.

    For the two changes that go unnoticed: an edited `.env` or `.env.local`, and a change of the
    current directory. Active overrides stay. Objects handed out before stay as they are.
    """
    global _announcements
    forget()
    _announcements = itertools.count()


def _build_server(resolved: Resolved) -> "pusher.Pusher":
    with resolved.building:
        if resolved.server is None:
            resolved.server = _make_server(resolved.settings)
            if resolved.settings.mock_url is not None:
                _leave_proxies_out(resolved.server)
        return resolved.server


def _build_async_server(resolved: Resolved) -> "pusher.Pusher":
    from compat.httpx_backend import AsyncHttpxBackend

    with resolved.building:
        if resolved.async_server is None:
            options = {} if resolved.settings.mock_url is None else {"trust_env": False}
            # The double takes it for the wish to await, and answers in memory.
            resolved.async_server = _make_server(
                resolved.settings, backend=AsyncHttpxBackend, **options
            )
        return resolved.async_server


def _make_server(settings: "PusherSettings", **options: Any) -> "pusher.Pusher":
    server_class = _server_class(settings.in_memory)
    if settings.use_mocks:
        announce_mocks()
    master_key = settings.encryption_master_key_base64
    return server_class(
        app_id=settings.app_id,
        key=settings.key,
        secret=settings.secret.get_secret_value(),
        ssl=settings.ssl,
        host=settings.host,
        port=settings.port,
        timeout=settings.timeout,
        cluster=settings.cluster,
        encryption_master_key_base64=(
            None if master_key is None else master_key.get_secret_value()
        ),
        **options,
    )


def _leave_proxies_out(server: "pusher.Pusher") -> None:
    """Go to the local server itself: a proxy of the environment would take the event outside."""
    http: Any = server._pusher_client.http
    http.session.trust_env = False


def _share_client(resolved: Resolved) -> SharedClient:
    with resolved.building:
        shared = resolved.shared
        if shared is None or _is_finished(shared.client, resolved.settings.in_memory):
            shared = resolved.shared = SharedClient(_build_client(resolved.settings, {}))
        return shared


def _is_started(client: "pysher.Pusher") -> bool:
    """Return whether `connect()` was called; it may be only once (facts 5.2.3)."""
    connection = client.connection
    # The real one is a thread whose state lags behind its start; the mock's has no thread.
    return connection.ident is not None or connection.state != "initialized"


def _is_finished(client: "pysher.Pusher", mocked: bool) -> bool:
    """Return whether a client will never connect again, or only to a mock of the past.

    Its state does not tell: the real SDK passes through "disconnected" on its way to reconnecting
    after any close it was not asked for (facts 5.2.22).
    """
    connection = client.connection
    if connection.disconnect_called or (_is_started(client) and not connection.is_alive()):
        return True
    return mocked and _is_elsewhere(client)


def _is_elsewhere(client: "pysher.Pusher") -> bool:
    """Return whether the server would publish to another mock than this client listens to."""
    from pusher_mock import MockPusherClient, current_mock

    return isinstance(client, MockPusherClient) and client.mock is not current_mock()


def _build_client(settings: "PusherSettings", options: dict[str, Any]) -> "pysher.Pusher":
    client_class = _client_class(settings.in_memory)
    if settings.use_mocks:
        announce_mocks()
    arguments: dict[str, Any] = {
        "key": settings.key,
        "cluster": settings.cluster or "",
        "secure": settings.ssl,
        "port": settings.websocket_port,
        "custom_host": settings.websocket_host or "",
    }
    # Exactly one signer: the SDK ignores the endpoint when it also has a secret (facts 5.2.14).
    if not options.keys() & {"secret", "auth_endpoint"}:
        if settings.auth_endpoint is None:
            arguments["secret"] = settings.secret.get_secret_value()
        else:
            arguments["auth_endpoint"] = settings.auth_endpoint
    return client_class(**{**arguments, **options})


def current_server_class() -> "type[pusher.Pusher]":
    """Return the class of what `get_pusher_server()` returns, without building or saying anything.

    Raises:
        ConfigurationError: The settings are incomplete or wrong.
        MocksRefused: Mocks are on in what looks like production.
    """
    return _server_class(current().settings.in_memory)


def _server_class(in_memory: bool) -> "type[pusher.Pusher]":
    if in_memory:
        from pusher_mock import MockPusherServer

        return MockPusherServer
    from pusher import Pusher

    return Pusher


def _client_class(in_memory: bool) -> "type[pysher.Pusher]":
    if in_memory:
        from pusher_mock import MockPusherClient

        return MockPusherClient
    from pysher import Pusher

    return Pusher


def announce_mocks() -> None:
    """Say that mocks are on: once in a process, loudly enough for production's log level."""
    if next(_announcements) == 0:
        try:
            url = current().settings.mock_url
        except ConfigurationError:  # whoever asks for a client is told
            url = None
        if url is None:
            _log.warning("USE_MOCKS is on: Pusher calls stay in this process")
        else:
            _log.warning("USE_MOCKS is on: Pusher calls go to the local server at %s", url)
