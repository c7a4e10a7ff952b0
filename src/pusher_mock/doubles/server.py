"""``MockPusherServer``: ``pusher.Pusher`` whose requests end in a mock instead of the network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pusher import Pusher, crypto
from pusher.http import POST, Request, RequestMethod
from pusher.pusher_client import PusherClient

from pusher_mock.protocol import defaults

from .rebind import with_globals

# The core is imported when the first publisher is built: importing this costs what pusher costs.
if TYPE_CHECKING:
    from pusher_mock.core import Core
    from pusher_mock.mock import PusherMock

    from .backends import MemoryBackend

__all__ = ["MockPusherServer"]

# What the service never issues and tests like to write: "mock-app-id", "test-app".
_READABLE_APP_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


class _MemoryPusherClient(PusherClient):
    """The SDK's client, with a cure for a wrong path."""

    http: MemoryBackend
    fix_terminate_path = False

    @property
    def terminate_user_connections(self) -> RequestMethod:
        """As in the SDK, whose path the service answers with 404 (facts 5.1), unless fixed."""
        method = super().terminate_user_connections
        if not self.fix_terminate_path:
            return method

        def fixed(client: PusherClient, user_id: str) -> Request:
            path = method.f(client, user_id).path  # the SDK's own validation
            return Request(client, POST, f"/apps/{client.app_id}{path}", {})

        return RequestMethod(self, fixed)


class _EncryptingPusherClient(_MemoryPusherClient):
    """The same with a master key: nonces come from the mock's own source."""

    @property
    def trigger(self) -> RequestMethod:
        """As in the SDK."""
        return self._encrypting(super().trigger)

    @property
    def trigger_batch(self) -> RequestMethod:
        """As in the SDK."""
        return self._encrypting(super().trigger_batch)

    def _encrypting(self, method: RequestMethod) -> RequestMethod:
        def encrypt(channel: str, data: str, key: bytes | None) -> dict[str, str]:
            return crypto.encrypt(channel, data, key, self.http.mock_core().nonce(_NONCE_SIZE))

        return RequestMethod(self, with_globals(method.f, encrypt=encrypt))


_NONCE_SIZE = 24  # facts 2.6


def _readable(app_id: object) -> str | None:
    """The id if it is one that the SDK refuses and a mock may have; else ``None``."""
    text = app_id.decode("utf-8", "replace") if isinstance(app_id, bytes) else app_id
    return text if isinstance(text, str) and _READABLE_APP_ID.match(text) else None


class MockPusherServer(Pusher):
    """A ``pusher.Pusher`` for tests and development without credentials or network.

    Validation, encryption, signing and exceptions are the SDK's own code; the answer is the
    mock's, checked and worded as the service's.

    Args:
        app_id: as in the SDK; a readable id such as ``mock-app-id`` is accepted as well.
        mock: the ``PusherMock`` to publish to. Without it the current one is looked up at every
            call, so that an object built at import follows the test that runs.
        fix_terminate_path: send ``terminate_user_connections`` to the documented path. The SDK
            leaves the app out, which the service answers with 404, and so does the mock.

    The other parameters are the SDK's, unchanged. ``backend`` decides only whether calls return
    values or coroutines; its options are checked and then ignored.

    Raises:
        TypeError: as the SDK.
        ValueError: as the SDK.
    """

    def __init__(
        self,
        app_id: str | bytes,
        key: str | bytes,
        secret: str | bytes,
        ssl: bool = True,
        host: str | bytes | None = None,
        port: int | None = None,
        timeout: float = 5,
        cluster: str | bytes | None = None,
        encryption_master_key: str | bytes | None = None,
        encryption_master_key_base64: str | bytes | None = None,
        json_encoder: Any = None,
        json_decoder: Any = None,
        backend: Any = None,
        *,
        mock: PusherMock | None = None,
        fix_terminate_path: bool = False,
        **backend_options: Any,
    ) -> None:
        from .backends import backend_for

        text = _readable(app_id)
        super().__init__(
            app_id if text is None else defaults.NUMERIC_APP_ID,
            key,
            secret,
            ssl,
            host,
            port,
            timeout,
            cluster,
            encryption_master_key,
            encryption_master_key_base64,
            json_encoder,
            json_decoder,
            backend_for(backend),
            core=mock.core if mock is not None else None,
            instead_of=backend,
            **backend_options,
        )
        if text is not None:
            if text != defaults.APP_ID:
                import logging

                logging.getLogger("pusher_mock").warning(
                    "app id %r is for the mock only: pusher.Pusher takes digits and would raise "
                    "ValueError('Invalid app id')",
                    text,
                )
            self._pusher_client._app_id = text
            self._authentication_client._app_id = text
        # Built by the SDK with all of its checks; from here on it is ours.
        encrypted = self._pusher_client._encryption_master_key is not None
        self._pusher_client.__class__ = (
            _EncryptingPusherClient if encrypted else _MemoryPusherClient
        )
        assert isinstance(self._pusher_client, _MemoryPusherClient)
        self._pusher_client.fix_terminate_path = fix_terminate_path

    def authenticate(
        self, channel: str | bytes, socket_id: str | bytes, custom_data: Any = None
    ) -> dict[str, Any]:
        """Authorize a subscription, as in the SDK; the mock learns whose signature it will see.

        Args:
            channel: the channel's name; every kind is signed, even a public one.
            socket_id: of the connection that wants to subscribe.
            custom_data: the member of a presence channel, with ``user_id`` and ``user_info``.

        Returns:
            ``auth``, for encrypted channels ``shared_secret`` (bytes), and with ``custom_data``
            also ``channel_data``.
        """
        self._introduce()
        return super().authenticate(channel, socket_id, custom_data)

    if hasattr(Pusher, "authenticate_user"):  # pragma: no branch - not before pusher 3.3.3

        def authenticate_user(
            self, socket_id: str | bytes, user_data: Any = None
        ) -> dict[str, Any]:
            """Authenticate a user, as in the SDK; the mock learns whose signature it will see.

            Args:
                socket_id: of the connection that wants to sign in.
                user_data: the user, with ``id`` and whatever else the client may know.

            Returns:
                ``auth`` and ``user_data``, a string.
            """
            self._introduce()
            return super().authenticate_user(socket_id, user_data)

    def _introduce(self) -> None:
        client, core = self._pusher_client, self._core
        if not core.closed:  # signing needs no mock
            core.learn(client.app_id, client.key, client.secret)

    @property
    def _core(self) -> Core:
        backend: Any = self._pusher_client.http
        core: Core = backend.mock_core()
        return core

    @property
    def mock(self) -> PusherMock:
        """The mock that a call would reach now."""
        from pusher_mock.core import facade_of

        mock: PusherMock = facade_of(self._core)
        return mock

    def __repr__(self) -> str:
        client = self._pusher_client
        return f"<MockPusherServer app={client.app_id} key={client.key}>"
