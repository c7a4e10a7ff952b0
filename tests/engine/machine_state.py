"""What must hold in the engine's state after every step, and how it compares to the model's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .machine_publishing import is_cache

if TYPE_CHECKING:
    from pusher_mock.engine import Engine
    from pusher_mock.engine.state import AppState, State

    from .model import Model

__all__ = ["check_state", "compare_state"]


def check_state(engine: Engine, present: set[str]) -> None:
    """Everything that is kept twice agrees, and nothing belongs to somebody gone."""
    state = engine.state
    assert set(state.connections) == present
    assert {one.socket_id: one for one in state.connections.values()} == state.sockets
    merged: dict[str, Any] = {}
    for app in state.apps.values():
        assert not set(merged) & set(app.connections)
        merged |= app.connections
        _check_app(app)
    assert merged == state.connections
    _check_timers(state)


def _check_app(app: AppState) -> None:
    for one, connection in app.connections.items():
        assert (connection.id, connection.app) == (one, app)
        for name in connection.channels:
            assert one in app.channels[name].connections, f"{one} dangles on {name}"
    for name, channel in app.channels.items():
        assert channel.name == name
        assert channel.connections, f"{name} is empty and still there"
        assert channel.recipients() == tuple(channel.connections)
        users: dict[str, set[str]] = {}
        for one in channel.connections:
            user = app.connections[one].channels[name]
            assert (user is None) == (channel.members is None)
            if user is not None:
                users.setdefault(user, set()).add(one)
        members = channel.members or {}
        assert {user: set(one.connections) for user, one in members.items()} == users
    signed_in: dict[str, set[str]] = {}
    watching: dict[str, set[str]] = {}
    for one, connection in app.connections.items():
        if connection.user_id is not None:
            signed_in.setdefault(connection.user_id, set()).add(one)
        for user in connection.watchlist:
            watching.setdefault(user, set()).add(one)
    assert {user: set(there) for user, there in app.users.items()} == signed_in
    assert {user: set(there) for user, there in app.watchers.items()} == watching
    assert all(is_cache(name) for name in (*app.cache, *app.cache_missed))


def _check_timers(state: State) -> None:
    """Every timer belongs to something alive, and everything that waits has its timer."""
    expected: set[tuple[str, ...]] = set()
    optional: set[tuple[str, ...]] = set()
    for one, connection in state.connections.items():
        expected.add(("pong" if connection.liveness == "pinged" else "idle", one))
        optional.add(("authorize", one))
    for name, app in state.apps.items():
        hooked = bool(app.config.webhooks)
        there: set[tuple[str, ...]] = {
            (one,) for one, channel in app.channels.items() if not channel.kind.user
        }
        for one, channel in app.channels.items():
            there |= {(one, user) for user in channel.members or ()}
            optional.add(("subscription-count", name, one))
        present = {one for one, phase in app.occupancy.items() if phase == "present"}
        assert present == (there if hooked else set())
        leaving = set(app.occupancy) - present
        expected |= {("webhook-leave", name, *one) for one in leaving}
        assert all(app.webhook_batches.values()), "an empty batch waits"
        expected |= {("webhook-batch", name, str(one)) for one in app.webhook_batches}
    timers = set(state.timers._due)
    assert timers - optional == expected
    assert state.timers.next_due == min(
        (due for due, _ in state.timers._due.values()), default=None
    )


def compare_state(engine: Engine, model: Model) -> None:
    """Rosters, users, cache and history are what the model has."""
    assert set(engine.state.connections) == set(model.clients)
    for which, world in model.worlds.items():
        app = engine.state.apps[which]
        seats: dict[str, list[str]] = {}
        for seat in world.seats:
            seats.setdefault(seat.channel, []).append(seat.client.id)
        assert {name: list(one.connections) for name, one in app.channels.items()} == seats
        infos = {
            (name, user): member.info
            for name, channel in app.channels.items()
            for user, member in (channel.members or {}).items()
        }
        assert infos == world.infos
        for client in app.connections.values():
            assert client.user_id == model.clients[client.id].user
        cache = {
            name: (one.event, one.data)
            for name, one in app.cache.items()
            if one.expires_at > model.now
        }
        kept = {name: model.cached(world, name) for name in world.cache}
        assert cache == {name: one[:2] for name, one in kept.items() if one is not None}
        history = {
            name: [
                (e.channel, e.event, e.raw, e.socket_id, e.user_id, e.client, e.at) for e in events
            ]
            for name, events in app.history.items()
            if events
        }
        assert history == world.history
