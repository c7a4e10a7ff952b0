"""The seed and the weather that a test runs under: chosen from outside, and told when it fails."""

from __future__ import annotations

import os
import shlex
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pusher_mock.mock import PusherMock

__all__ = ["NETWORK", "RANDOM", "SEED", "conditions", "from_environment", "seed", "told"]

SEED: Final = "PUSHER_MOCK_SEED"
NETWORK: Final = "PUSHER_MOCK_NETWORK"
_PERFECT: Final = "perfect"
RANDOM: Final = "random"
_MOST: Final = 1_000_000
_BY_ITSELF: Final = "given by the test, it repeats by itself"


def seed(text: str) -> int:
    """Read a seed.

    Args:
        text: a number, or ``random``, which is the same one as long as this process lives.

    Raises:
        UsageError: it is neither.
    """
    if text == RANDOM:
        return _picked()
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"a seed is a whole number or 'random', not {text!r}") from None


@cache
def _picked() -> int:
    from secrets import randbelow  # a seeded `random` would pick the same one each time

    return randbelow(_MOST)


def conditions(text: str) -> str:
    """Check that a text names a network.

    Raises:
        UsageError: it does not.
    """
    from pusher_mock.network.profiles import weather

    weather(text)
    return text


def from_environment(
    options: Mapping[str, Any], environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Options of ``PusherMock``, with what the environment says about chance.

    Its seed is taken before that of the options, for it tries another run of the same test. Its
    network is only for who names none, for a test that is about some weather needs that.

    Args:
        options: those that a test has.
        environ: instead of the process's.

    Raises:
        UsageError: the environment says something that cannot be read.
    """
    given = os.environ if environ is None else environ
    merged = dict(options)
    if given.get(SEED):
        merged["seed"] = seed(given[SEED])
    if given.get(NETWORK):
        merged.setdefault("network", conditions(given[NETWORK]))
    return merged


def told(mock: PusherMock, *, pytest: bool, own: bool = False) -> str:
    """A line about the seed and the network of a mock, and how to have them again.

    A second one has the weather that the test has given by itself, if it has.

    Args:
        mock: whose.
        pytest: whether options of pytest do it; else the environment does.
        own: whether the test has made the mock, which neither of them reaches.
    """
    base, now = mock.network.base, str(mock.network)
    line = f"seed {mock.seed}, network {base}"
    weather = "; ".join(mock.network.log.lines())
    # What the test has ended is told by the log, unless that was before a reset.
    if now != base and not (now == _PERFECT and weather):
        line += f" (at the end {now})"
    if own:
        if mock.seed or base != _PERFECT or weather:
            line += f"; {_BY_ITSELF}"
    elif mock.seed or base != _PERFECT:
        again = [f"--pusher-mock-seed={mock.seed}" if pytest else f"{SEED}={mock.seed}"]
        if base != _PERFECT and _can_be_named(base):
            network = shlex.quote(base)
            again.append(f"--pusher-mock-network={network}" if pytest else f"{NETWORK}={network}")
        line += f"; again with {' '.join(again)}"
    if not weather:
        return line
    return f"{line}\nweather: {weather}" + ("" if own else f"; {_BY_ITSELF}")


def _can_be_named(base: str) -> bool:
    """Whether the weather can be given as a text: not that of a function, nor a profile's own."""
    try:
        conditions(base)
    except UsageError:
        return False
    return True
