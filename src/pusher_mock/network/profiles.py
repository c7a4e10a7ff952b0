"""Named weather: conditions for each direction, and what happens once after a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pusher_mock.protocol.errors import UsageError

from .conditions import NetworkConditions
from .latencies import Percentiles

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DIRECTIONS", "PROFILES", "RECEIVE", "Profile", "weather"]

#: From the service to a client; from a client to the service; from a publisher to the service.
DIRECTIONS: Final = ("receive", "send", "publish")
RECEIVE: Final = DIRECTIONS[0]


@dataclass(frozen=True, slots=True)
class Profile:
    """Weather that has a name.

    Attributes:
        name: how it is asked for.
        about: what it is like, in a line.
        rules: conditions for each direction that it says something about.
        restart: the service restarts once: after so many milliseconds, away for so many.
        resets: whether what other rules say does not count from here on.
    """

    name: str
    about: str
    rules: tuple[tuple[str, NetworkConditions], ...] = ()
    restart: tuple[float, float] | None = None
    resets: bool = False

    def __str__(self) -> str:
        return self.name


def _profiles(*profiles: Profile) -> Mapping[str, Profile]:
    return {profile.name: profile for profile in profiles}


PROFILES: Final = _profiles(
    Profile("perfect", "everything arrives at once, in order, exactly once", resets=True),
    Profile(
        "polling",
        "a publisher's event takes 50 ms to the service, and clients ask every 100 ms",
        (
            ("publish", NetworkConditions(latency=50)),
            ("receive", NetworkConditions(poll_interval=100)),
        ),
    ),
    Profile(
        "lossy",
        "5 % of the events are lost, 1 % come twice, some overtake others",
        (
            (
                "receive",
                NetworkConditions(
                    latency=(5, 50), drop_rate=0.05, duplicate_rate=0.01, reorder=2, in_order=False
                ),
            ),
        ),
    ),
    Profile(
        "mobile",
        "slow and uneven, with connections that break or fall silent",
        (
            (
                "receive",
                NetworkConditions(
                    latency=Percentiles({50: 80, 95: 300, 99: 900, 100: 2500}),
                    bandwidth=200_000,
                    drop_rate=0.005,
                    disconnect_rate=0.05,
                    stale_rate=0.005,
                    connect_error_rate=0.01,
                ),
            ),
            ("send", NetworkConditions(latency=Percentiles({50: 80, 95: 300, 99: 900, 100: 2500}))),
        ),
    ),
    Profile(
        "realtime-events",
        "a busy event broadcaster: 10 to 100 ms, 1 % lost, 0.5 % twice, 95 % of what clients "
        "send back arrives, after 50 to 500 ms",
        (
            ("publish", NetworkConditions(latency=5)),
            (
                "receive",
                NetworkConditions(
                    latency=(10, 100),
                    drop_rate=0.01,
                    duplicate_rate=0.005,
                    stale_rate=0.01,
                    disconnect_rate=0.02,
                    connect_error_rate=0.001,
                ),
            ),
            ("send", NetworkConditions(latency=(50, 500), drop_rate=0.05)),
        ),
    ),
    Profile(
        "flaky-auth",
        "three of ten authorizations of a subscription fail",
        (("receive", NetworkConditions(auth_error_rate=0.3)),),
    ),
    Profile(
        "restart",
        "after 5 s the service closes every connection and is away for 2 s",
        restart=(5_000, 2_000),
    ),
)


def weather(given: str | NetworkConditions | Profile | None) -> Profile:
    """The profile that somebody asked for.

    Args:
        given: a profile, its name, conditions, or conditions as a text.

    Raises:
        UsageError: it is none of these.
    """
    if given is None:
        return PROFILES["perfect"]
    if isinstance(given, Profile):
        return given
    if isinstance(given, str):
        if given in PROFILES:
            return PROFILES[given]
        if "=" not in given:
            raise UsageError(
                f"there is no network profile {given!r}; take one of {', '.join(PROFILES)}, "
                "conditions such as 'latency=10..100 drop_rate=0.01', or NetworkConditions(...)"
            )
        given = NetworkConditions.parse(given)
    if not isinstance(given, NetworkConditions):
        raise UsageError(
            f"a network is a profile's name, NetworkConditions(...) or a Profile, not {given!r}"
        )
    return Profile(str(given) or "perfect", "as given", ((RECEIVE, given),))
