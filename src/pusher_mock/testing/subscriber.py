"""``AsyncSubscriber``: a client for tests that await, under asyncio and trio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import anyio.lowlevel

from pusher_mock.doubles.listener import decoded
from pusher_mock.protocol.errors import ExpectationFailed, ProtocolViolation, UsageError
from pusher_mock.protocol.names import USER_CHANNEL_PREFIX

from .async_channel import AsyncChannel
from .authorizing import Signer
from .expect import describe
from .inbox import Inbox, ReceivedEvent
from .link import Link
from .waits import happened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from pusher_mock.core import Core
    from pusher_mock.protocol.frames import Frame

    from .authorizing import Authorizer

__all__ = ["AsyncSubscriber"]

_SHOWN = 5


class AsyncSubscriber:
    """A subscriber whose events are awaited; ``mock.async_client()`` makes one.

    ``async with`` connects and closes it. It belongs to the event loop that it was connected on;
    whoever publishes may be on any thread.

    Args:
        core: the mock.
        key: the app's.
        secret: the app's; private and presence channels are signed with it.
        user_data: the member as whom presence channels are joined: ``user_id``, ``user_info``.
        authorizer: asked instead of signing: called with the channel's name and the socket id,
            as ``server.authenticate`` is; a coroutine function or not. Returns what an
            authorization endpoint answers, ``{"auth": ...}``, or that text alone.
        timeout: seconds of real time that anything is waited for; where the mock's clock jumps by
            itself, of that clock.
        tls: whether the connection counts as encrypted.
    """

    def __init__(
        self,
        core: Core,
        key: str,
        secret: str,
        *,
        user_data: Mapping[str, Any] | None = None,
        authorizer: Authorizer | None = None,
        timeout: float = 5.0,
        tls: bool = True,
    ) -> None:
        self.timeout = timeout
        self._core = core
        self._signer = Signer(core, key, secret, user_data, authorizer)
        self._tls = tls
        self._link: Link | None = None
        self._signed_in = False
        self._inbox = Inbox()
        self._channels: dict[str, AsyncChannel] = {}

    # Connecting --------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Open the connection; ``async with`` does it.

        Raises:
            ProtocolViolation: the service refuses it, in its own words.
            Unreachable: the network of the mock lets nobody in.
            UsageError: it was connected before, or the mock is closed.
        """
        if self._link is not None:
            raise UsageError("a subscriber connects once; make another one")
        await anyio.lowlevel.checkpoint()
        self._link = Link(self._core, self._signer.key, tls=self._tls, hear=self._hear)

    async def aclose(self) -> None:
        """Close the connection; again is fine."""
        if self._link is not None:
            self._link.close()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    @property
    def socket_id(self) -> str:
        """The connection's id at Pusher, as ``socket_id=`` of ``trigger()`` excludes it.

        Raises:
            UsageError: it was not connected.
        """
        return self._connected().box.socket_id

    @property
    def closed(self) -> bool:
        """Whether this side has closed the connection."""
        return self._link is not None and self._link.closed

    # Asking ------------------------------------------------------------------------------------

    async def subscribe(
        self, channel: str, *, user_data: Mapping[str, Any] | None = None
    ) -> AsyncChannel:
        """Subscribe, and await the service's consent.

        Args:
            channel: its name; private and presence channels are authorized first.
            user_data: the member as whom a presence channel is joined; the subscriber's own by
                default.

        Returns:
            The channel, whose events are awaited from now on.

        Raises:
            ProtocolViolation: the service refuses it, in its own words; or, with a ``status``, the
                network of the mock has failed its authorization.
            Unreachable: the network has left its authorization without an answer.
            UsageError: a presence channel without a member, an authorizer's answer that is none,
                or the connection has ended.
        """
        await anyio.lowlevel.checkpoint()
        link = self._connected()
        link.check()
        auth = await self._signer.channel(channel, link.box.socket_id, user_data)
        made = AsyncChannel(self, channel)
        before = self._channels.get(channel)
        self._channels[channel] = made  # what comes with the answer is for it
        try:
            link.send("pusher:subscribe", {"channel": channel, **auth})
        except (ProtocolViolation, UsageError):
            if before is None:
                del self._channels[channel]
            else:
                self._channels[channel] = before
            raise
        await self._answer(lambda: made.subscribed, f"{channel} to be joined")
        return made

    async def unsubscribe(self, channel: str | AsyncChannel) -> None:
        """Leave a channel; the service does not answer.

        Args:
            channel: the channel or its name.

        Raises:
            ProtocolViolation: it is not subscribed.
            UsageError: the connection has ended.
        """
        await anyio.lowlevel.checkpoint()
        link, name = self._connected(), _name(channel)
        link.send("pusher:unsubscribe", {"channel": name})
        self._channels.pop(name).leave()
        link.bell.ring()

    async def trigger(self, event: str, data: Any, channel: str | AsyncChannel) -> None:
        """Send a client event to the other subscribers of a channel.

        Args:
            event: its name, which begins with ``client-``.
            data: a string, or anything that JSON holds.
            channel: a private or presence channel that this is subscribed to, or its name.

        Raises:
            ProtocolViolation: the service refuses it, in its own words.
            UsageError: the connection has ended.
        """
        await anyio.lowlevel.checkpoint()
        self._connected().send(event, data, _name(channel))

    async def sign_in(self, user_data: Mapping[str, Any]) -> AsyncChannel:
        """Sign in as a user, signed with the app's secret, and take what is sent to that user.

        Args:
            user_data: ``id``, a string, and whatever else others may know.

        Returns:
            The user's own channel, which ``send_to_user`` publishes on.

        Raises:
            ProtocolViolation: the service refuses it, in its own words.
            UsageError: the connection has ended.
        """
        await anyio.lowlevel.checkpoint()
        link = self._connected()
        link.send("pusher:signin", self._signer.user(link.box.socket_id, user_data))
        await self._answer(lambda: self._signed_in, "the sign-in to be accepted")
        return await self.subscribe(f"{USER_CHANNEL_PREFIX}{user_data['id']}")

    # Receiving ---------------------------------------------------------------------------------

    @property
    def events(self) -> list[ReceivedEvent]:
        """Every event of every channel so far, those that ``next()`` has returned included."""
        return list(self._inbox.events)

    async def next(
        self,
        event: str | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - a failure here says what happened
    ) -> ReceivedEvent:
        """Await the next event of any channel, whether or not the channel's ``next()`` had it.

        Args:
            event: only one with this name; what comes before it is skipped.
            timeout: seconds of real time; the subscriber's by default. 0 takes what is there.

        Returns:
            The event.

        Raises:
            ExpectationFailed: none came in time; the text shows what happened on the mock.
            ProtocolViolation: the service has closed the connection.
            UsageError: the connection has been ended from this side.
        """
        __tracebackhide__ = True
        return await self.next_of(self._inbox, event, timeout)

    async def next_of(
        self,
        inbox: Inbox,
        event: str | None,
        seconds: float | None,
        channel: AsyncChannel | None = None,
    ) -> ReceivedEvent:
        """Await the next event of an inbox; for ``next()`` of this and of its channels."""
        __tracebackhide__ = True
        link = self._connected()

        def look() -> ReceivedEvent | None:
            found = inbox.take(event)
            if found is None:
                link.check()
                if channel is not None:
                    channel.check()
            return found

        where = "any channel" if channel is None else channel.name
        what = f"{'an event' if event is None else event} on {where}"
        received: ReceivedEvent = await self._wait(look, seconds, what)
        return received

    async def _answer(self, given: Callable[[], bool], what: str) -> None:
        """Await an answer, which is there already unless another thread is delivering it."""
        link = self._connected()

        def look() -> bool | None:
            if given():
                return True
            link.check()
            return None

        if not given():
            await self._wait(look, None, what)

    async def _wait(self, look: Callable[[], Any], seconds: float | None, what: str) -> Any:
        __tracebackhide__ = True
        limit = self.timeout if seconds is None else seconds
        found = await self._connected().bell.wait_for(look, limit, self._core.clock)
        if found is None:
            published = [describe(one) for one in self._core.journal.published()[-_SHOWN:]]
            lines = "".join(f"  {line}\n" for line in published or ["nothing"])
            raise ExpectationFailed(
                f"waited {limit:g} s for {what}, in vain\n"
                f"published last:\n{lines}{happened(self._core)}{self._in_another_app()}"
            )
        return found

    def _in_another_app(self) -> str:
        """What to do where a channel's events went to the same channel of another app."""
        state, key = self._core.engine.state, self._signer.key
        with self._core.lock:
            mine = state.by_key.get(key)
            others = {
                event.app
                for event in self._core.journal.published()
                if event.channel in self._channels and (mine is None or event.app != mine.config.id)
            }
            keys = [app.config.key for app in state.apps.values() if app.config.id in others]
        if not keys:
            return ""
        return (
            f"\nthe subscriber's app has the key {key}, and a channel of the same name was "
            f"published to with the key {keys[0]}: use mock.async_client({keys[0]!r}), or give it "
            "the application's key= and secret="
        )

    def _connected(self) -> Link:
        if self._link is None:
            raise UsageError(
                "the subscriber is not connected; use `async with mock.async_client() as client:`"
            )
        return self._link

    def _hear(self, frame: Frame) -> None:
        """Take a frame, on the thread of whoever caused it."""
        if frame.channel is None:
            # A refusal is raised where it was caused, and the rest is of no interest to a test.
            self._signed_in = self._signed_in or frame.event == "pusher:signin_success"
            return
        channel = self._channels.get(frame.channel)
        if channel is None:
            return  # left meanwhile
        raw = str(frame.data)
        received = channel.receive(frame.event, raw, decoded(raw), frame.user_id)
        if received is not None:
            self._inbox.put(received)

    def __repr__(self) -> str:
        link = self._link
        name = "not connected" if link is None else link.box.connection
        closed = " closed" if self.closed else ""
        return f"<AsyncSubscriber {name} channels={len(self._channels)}{closed}>"


def _name(channel: str | AsyncChannel) -> str:
    return channel if isinstance(channel, str) else channel.name
