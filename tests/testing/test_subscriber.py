"""A subscriber that awaits, under asyncio and trio: what it hears, sends, and is refused."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
from tests.versions import needs_users

from pusher_mock import (
    App,
    ExpectationFailed,
    ProtocolViolation,
    PusherMock,
    SystemClock,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pusher_mock.testing import AsyncChannel, AsyncSubscriber, ReceivedEvent

pytestmark = pytest.mark.anyio

LIMITED = App(
    id="2",
    key="limited",
    secret="s",
    client_events=False,
    max_connections=1,
    subscription_count=True,
)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


@pytest.fixture
async def client(mock: PusherMock) -> AsyncIterator[AsyncSubscriber]:
    async with mock.async_client() as client:
        yield client


# Hearing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["task-1", "private-task-1", "private-encrypted-task-1"])
async def test_an_event_decoded_with_its_text(mock: PusherMock, client: Any, name: str):
    channel = await client.subscribe(name)
    mock.server(encryption_master_key_base64="A" * 43 + "=").trigger(name, "e", {"n": 1})
    event = await channel.next(timeout=0)
    assert (event.channel, event.event, event.user_id) == (name, "e", None)
    if "encrypted" in name:
        assert set(event.data) == {"nonce", "ciphertext"}
    else:
        assert (event.data, event.raw) == ({"n": 1}, '{"n": 1}')
        assert repr(event) == f'<event e on {name} data={{"n": 1}}>'


async def test_data_that_is_no_json(mock: PusherMock, client: AsyncSubscriber):
    channel = await client.subscribe("c")
    mock.server().trigger("c", "e", "plain text")
    assert (await channel.next()).data == "plain text"


async def test_each_reader_has_every_event(mock: PusherMock, client: AsyncSubscriber):
    one, two = await client.subscribe("one"), await client.subscribe("two")
    mock.server().trigger(["one", "two"], "e", 1)
    mock.server().trigger("two", "f", 2)
    assert [(await client.next()).channel for _ in range(3)] == ["one", "two", "two"]
    assert (await one.next()).data == 1
    assert (await two.next("f")).data == 2  # "e" is skipped
    assert [event.event for event in two.events] == ["e", "f"]
    assert [event.channel for event in client.events] == ["one", "two", "two"]
    with pytest.raises(ExpectationFailed):
        await two.next(timeout=0)


async def test_waiting_for_a_publisher_on_another_thread(mock: PusherMock, client: AsyncSubscriber):
    channel = await client.subscribe("c")
    threads: list[int] = []

    def publish() -> None:
        threads.append(threading.get_ident())
        mock.server().trigger("c", "e", len(threads))

    heard: list[Any] = []

    async def listen() -> None:
        heard.extend([(await channel.next()).data for _ in range(3)])

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await anyio.wait_all_tasks_blocked()
        for _ in range(3):
            await anyio.to_thread.run_sync(publish)
    assert heard == [1, 2, 3]
    assert threading.get_ident() not in threads


async def test_several_tasks_wait_at_once(mock: PusherMock, client: AsyncSubscriber):
    channels = [await client.subscribe(name) for name in ("a", "b", "c")]
    heard: list[str] = []

    async def listen(channel: AsyncChannel) -> None:
        heard.append((await channel.next()).channel)

    async with anyio.create_task_group() as tasks:
        for channel in channels:
            tasks.start_soon(listen, channel)
        await anyio.wait_all_tasks_blocked()
        for name in ("c", "a", "b"):
            mock.server().trigger(name, "e", {})
            await anyio.wait_all_tasks_blocked()
    assert heard == ["c", "a", "b"]


async def test_iterating_ends_with_the_subscription(mock: PusherMock, client: AsyncSubscriber):
    channel = await client.subscribe("c")
    heard = []
    for number in range(2):
        mock.server().trigger("c", "e", number)
    async for event in channel:
        heard.append(event.data)
        if len(heard) == 2:
            await channel.unsubscribe()
    assert heard == [0, 1]
    assert not channel.subscribed
    mock.server().trigger("c", "e", 2)
    assert len(channel.events) == 2
    with pytest.raises(UsageError, match="the subscription to c has ended"):
        await channel.next()


async def test_iterating_in_a_task_ends_when_this_side_closes(mock: PusherMock):
    heard: list[Any] = []

    async def listen(channel: AsyncChannel) -> None:
        heard.extend([event.data async for event in channel])
        heard.append("over")

    async with anyio.create_task_group() as tasks, mock.async_client() as client:
        tasks.start_soon(listen, await client.subscribe("c"))
        await anyio.wait_all_tasks_blocked()
        mock.server().trigger("c", "e", 1)
        await anyio.wait_all_tasks_blocked()
    assert heard == [1, "over"]


async def test_a_cancelled_wait_takes_no_event_with_it(mock: PusherMock, client: AsyncSubscriber):
    channel = await client.subscribe("c")
    mock.server().trigger("c", "e", 1)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await channel.next()
    assert scope.cancelled_caught
    assert (await channel.next(timeout=0)).data == 1


async def test_what_is_cached_comes_at_once(mock: PusherMock, client: AsyncSubscriber):
    assert (await (await client.subscribe("cache-a")).next()).event == "pusher:cache_miss"
    mock.server().trigger("cache-b", "e", 1)
    assert (await (await client.subscribe("cache-b")).next()).data == 1


async def test_a_number_of_subscriptions(client: AsyncSubscriber):
    mock = PusherMock(apps=[LIMITED])
    async with mock.async_client() as other:
        channel = await other.subscribe("c")
        event = await channel.next()
        assert (event.event, event.data) == (
            "pusher:subscription_count",
            {"subscription_count": 1},
        )


# Members, users, client events ---------------------------------------------------------------


async def test_presence(mock: PusherMock):
    ada = {"user_id": "7", "user_info": {"name": "Ada"}}
    async with mock.async_client(user_data=ada) as one, mock.async_client() as two:
        room = await one.subscribe("presence-room")
        assert room.members == {"7": {"name": "Ada"}}
        other = await two.subscribe("presence-room", user_data={"user_id": "8"})
        assert other.members == {"7": {"name": "Ada"}, "8": None} == room.members
        joined = await room.next("pusher:member_added")
        assert joined.data["user_id"] == "8"
        await other.trigger("client-typing", {"on": True})
        typing = await room.next()
        assert (typing.event, typing.data, typing.user_id) == ("client-typing", {"on": True}, "8")
        await two.unsubscribe("presence-room")
        assert (await room.next()).event == "pusher:member_removed"
        assert list(room.members) == ["7"]
        with pytest.raises(ExpectationFailed):
            await room.next(timeout=0)


async def test_presence_needs_somebody(client: AsyncSubscriber):
    with pytest.raises(UsageError, match=r"say who joins it with user_data="):
        await client.subscribe("presence-room")


@needs_users
async def test_what_is_sent_to_a_user(mock: PusherMock, client: AsyncSubscriber):
    mine = await client.sign_in({"id": "7", "user_info": {"name": "Ada"}})
    assert mine.name == "#server-to-user-7"
    mock.server().send_to_user("7", "e", {"n": 1})
    assert (await mine.next()).data == {"n": 1}
    with pytest.raises(ProtocolViolation, match="user"):
        await client.sign_in({"id": "8"})


async def test_the_sender_is_excluded_by_its_socket_id(mock: PusherMock, client: AsyncSubscriber):
    channel = await client.subscribe("c")
    mock.server().trigger("c", "e", 1, socket_id=client.socket_id)
    mock.server().trigger("c", "e", 2)
    assert (await channel.next()).data == 2


async def test_client_events_refused(mock: PusherMock, client: AsyncSubscriber):
    await client.subscribe("public")
    with pytest.raises(ProtocolViolation, match="private and presence"):
        await client.trigger("client-e", {}, "public")
    with pytest.raises(ProtocolViolation):
        await client.trigger("client-e", {}, "private-not-joined")
    limited = PusherMock(apps=[LIMITED])
    async with limited.async_client() as other:
        channel = await other.subscribe("private-c")
        with pytest.raises(ProtocolViolation, match=r"PusherMock\(apps="):
            await channel.trigger("client-e", {})


# Authorizers ---------------------------------------------------------------------------------


async def test_an_authorizer_as_the_servers(mock: PusherMock):
    server = mock.server()
    async with mock.async_client(authorizer=server.authenticate, secret="unknown") as client:
        assert (await client.subscribe("private-c")).subscribed


async def test_an_authorizer_that_is_awaited(mock: PusherMock):
    asked = []

    async def authorize(channel: str, socket_id: str) -> Any:
        asked.append((channel, socket_id))
        await anyio.lowlevel.checkpoint()
        member = {"user_id": "7"} if channel.startswith("presence-") else None
        answer = mock.server().authenticate(channel, socket_id, member)
        return answer if member else answer["auth"]

    async with mock.async_client(authorizer=authorize) as client:
        await client.subscribe("private-c")
        assert (await client.subscribe("presence-c")).members == {"7": None}
        await client.subscribe("c")
        assert asked == [("private-c", client.socket_id), ("presence-c", client.socket_id)]


@pytest.mark.parametrize("answer", [None, {}, {"error": "no"}, 7])
async def test_an_authorizer_that_says_nothing(mock: PusherMock, answer: object):
    async with mock.async_client(authorizer=lambda channel, socket_id: answer) as client:
        with pytest.raises(UsageError, match=r"the authorizer returned .* for private-c; return"):
            await client.subscribe("private-c")


async def test_an_authorizer_that_refuses(mock: PusherMock):
    def refuse(channel: str, socket_id: str) -> None:
        raise PermissionError(channel)

    async with mock.async_client(authorizer=refuse) as client:
        with pytest.raises(PermissionError):
            await client.subscribe("private-c")
        await client.subscribe("c")


async def test_a_wrong_signature(mock: PusherMock):
    async with mock.async_client(secret="another") as client:
        with pytest.raises(ProtocolViolation, match="Invalid signature") as caught:
            await client.subscribe("private-c")
        assert caught.value.hint
        assert repr(client) == "<AsyncSubscriber mock-connection-1 channels=0>"


# Refusals and ends ---------------------------------------------------------------------------


async def test_subscribing_twice(mock: PusherMock, client: AsyncSubscriber):
    channel = await client.subscribe("c")
    with pytest.raises(ProtocolViolation, match="c"):
        await client.subscribe("c")
    mock.server().trigger("c", "e", 1)
    assert (await channel.next()).data == 1
    with pytest.raises(ProtocolViolation):
        await client.unsubscribe("other")


async def test_an_unknown_key():
    mock = PusherMock(strict=True)
    client = mock.async_client(key="nobody")
    with pytest.raises(ProtocolViolation, match="nobody") as caught:
        await client.connect()
    assert (caught.value.code, caught.value.fatal) == (4001, True)
    assert "keys known here: mock-pusher-key" in str(caught.value)


async def test_a_refusal_that_the_journal_has_lost(monkeypatch: pytest.MonkeyPatch):
    mock = PusherMock(strict=True)
    monkeypatch.setattr(mock.core.journal, "append", lambda *entry: None)
    with pytest.raises(ProtocolViolation, match="nobody") as caught:
        await mock.async_client(key="nobody").connect()
    assert (caught.value.code, caught.value.hint) == (4001, "")


async def test_an_app_that_is_not_registered(mock: PusherMock):
    with pytest.raises(UsageError, match="no app with the key nobody"):
        mock.async_client("nobody")


async def test_one_connection_too_many():
    mock = PusherMock(apps=[LIMITED])
    async with mock.async_client():
        with pytest.raises(ProtocolViolation) as caught:
            await mock.async_client("limited").connect()
    assert caught.value.code == 4004


@needs_users
async def test_the_service_closes_it(mock: PusherMock):
    server = mock.server(fix_terminate_path=True)
    async with mock.async_client() as client:
        channel = await client.sign_in({"id": "7"})
        mock.server().send_to_user("7", "last", {})
        server.terminate_user_connections("7")
        assert (await channel.next()).event == "last"
        with pytest.raises(ProtocolViolation) as caught:
            await channel.next()
        assert caught.value.code == 4009
        with pytest.raises(ProtocolViolation):
            await anext(channel)
        with pytest.raises(ProtocolViolation):
            await client.subscribe("c")


@pytest.mark.parametrize("end", ["reset", "close"])
async def test_the_mock_is_gone(mock: PusherMock, client: AsyncSubscriber, end: str):
    channel = await client.subscribe("c")
    getattr(mock, end)()
    with pytest.raises(UsageError, match="the mock was reset or closed"):
        await channel.next()
    with pytest.raises(UsageError, match="the mock was reset or closed"):
        await anext(channel)


async def test_a_waiting_task_hears_of_the_end(mock: PusherMock, client: AsyncSubscriber):
    channel = await client.subscribe("c")
    ends: list[str] = []

    async def listen() -> None:
        try:
            await channel.next(timeout=math.inf)
        except UsageError as error:
            ends.append(str(error))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await anyio.wait_all_tasks_blocked()
        await anyio.to_thread.run_sync(mock.close)
    assert len(ends) == 1


async def test_a_closed_mock(mock: PusherMock):
    mock.close()
    with pytest.raises(UsageError, match="this mock is closed"):
        await mock.async_client().connect()


async def test_before_and_after(mock: PusherMock):
    client = mock.async_client()
    assert repr(client) == "<AsyncSubscriber not connected channels=0>"
    assert not client.closed
    await client.aclose()
    for use in (client.subscribe("c"), client.next(), client.trigger("client-e", {}, "c")):
        with pytest.raises(UsageError, match="the subscriber is not connected; use `async with"):
            await use
    async with client:
        channel = await client.subscribe("c")
        assert repr(channel) == "<AsyncChannel c events=0>"
        with pytest.raises(UsageError, match="connects once"):
            await client.connect()
    await client.aclose()
    assert client.closed
    assert repr(client) == "<AsyncSubscriber mock-connection-1 channels=1 closed>"
    assert not mock.core.connections
    with pytest.raises(UsageError, match="the subscriber is closed"):
        await client.next()
    assert [event async for event in channel] == []


async def test_pings_are_answered_while_the_clock_runs(mock: PusherMock, client: AsyncSubscriber):
    channel = await client.subscribe("c")
    mock.clock.advance(10 * 60 * 1000)
    mock.server().trigger("c", "e", 1)
    assert (await channel.next(timeout=0)).data == 1


# Why nothing came ----------------------------------------------------------------------------


async def test_why_nothing_came(mock: PusherMock, client: AsyncSubscriber):
    await client.subscribe("c")
    mock.client(connect=True).connection.send_event("pusher:subscribe", {"channel": "private-x"})
    mock.server().trigger("other", "e", {"n": 1})
    with pytest.raises(ExpectationFailed) as caught:
        await client.next("f", timeout=0.01)
    text = str(caught.value)
    assert text.startswith("waited 0.01 s for f on any channel, in vain\npublished last:\n")
    assert '  at 0 ms: e on other with {"n": 1}\n' in text
    assert "  mock-connection-1: c\n" in text
    assert "mock-connection-2 was refused" in text


async def test_the_event_went_to_another_app(mock: PusherMock, client: AsyncSubscriber):
    channel = await client.subscribe("c")
    mock.server(app_id="77", key="k77", secret="s77").trigger("c", "e", {})
    with pytest.raises(ExpectationFailed) as caught:
        await channel.next(timeout=0)
    assert "published to with the key k77: use mock.async_client('k77')" in str(caught.value)
    async with mock.async_client("k77") as other:
        await other.subscribe("private-c")


async def test_why_nothing_came_at_all(client: AsyncSubscriber):
    channel = await client.subscribe("c")
    with pytest.raises(ExpectationFailed, match=r"for an event on c, in vain\n.*\n  nothing\n"):
        await channel.next(timeout=0)


async def test_the_subscribers_own_limit(mock: PusherMock):
    async with mock.async_client(timeout=0.01) as client:
        with pytest.raises(ExpectationFailed, match=r"waited 0\.01 s"):
            await client.next()


# Another thread is delivering ----------------------------------------------------------------


async def test_answers_that_another_thread_delivers(mock: PusherMock, client: AsyncSubscriber):
    channel = await client.subscribe("c")
    delivering, go_on = threading.Event(), threading.Event()
    put = channel._inbox.put

    def slow(event: ReceivedEvent) -> None:
        delivering.set()
        assert go_on.wait(5)
        put(event)

    channel._inbox.put = slow  # type: ignore[method-assign]
    thread = threading.Thread(target=mock.server().trigger, args=("c", "e", 1))
    thread.start()
    await anyio.to_thread.run_sync(delivering.wait, 5)
    joined: list[str] = []

    async def join() -> None:
        joined.append((await client.subscribe("private-d")).name)
        joined.append((await client.sign_in({"id": "7"})).name)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(join)
        await anyio.wait_all_tasks_blocked()
        assert joined == []
        go_on.set()
    assert joined == ["private-d", "#server-to-user-7"]
    thread.join()
    assert (await channel.next()).data == 1


async def test_what_arrives_after_leaving(mock: PusherMock, client: AsyncSubscriber):
    first = await client.subscribe("a")
    await client.subscribe("b")
    delivering, go_on = threading.Event(), threading.Event()
    put = first._inbox.put

    def slow(event: ReceivedEvent) -> None:
        delivering.set()
        assert go_on.wait(5)
        put(event)

    first._inbox.put = slow  # type: ignore[method-assign]
    thread = threading.Thread(target=mock.server().trigger, args=(["a", "b"], "e", 1))
    thread.start()
    await anyio.to_thread.run_sync(delivering.wait, 5)
    await client.unsubscribe("b")
    go_on.set()
    await anyio.to_thread.run_sync(thread.join)
    assert [event.channel for event in client.events] == ["a"]


async def test_real_time(client: AsyncSubscriber):
    mock = PusherMock(clock=SystemClock())
    async with mock.async_client() as other:
        channel = await other.subscribe("c")
        mock.server().trigger("c", "e", 1)
        assert (await channel.next()).data == 1
    mock.close()


def test_names_of_the_package():
    from pusher_mock import testing

    for name in testing.__all__:
        assert getattr(testing, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = testing.nonsense
