"""Moving the clock beside other tasks, and using what that returns instead of awaiting it."""

from __future__ import annotations

import gc
import math
import operator
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from pusher_mock import ManualClock
from pusher_mock.clock.passage import Counting, Passage
from pusher_mock.protocol.errors import UsageError

from .bench import Diary

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def diary(clock: ManualClock) -> Diary:
    return Diary(clock)


def passage(clock: ManualClock, move: str = "tick") -> Any:
    """One that has not passed yet; three timers wait, ten milliseconds apart."""
    at = clock.now()
    for due in (10, 20, 30):
        clock.call_at(at + due, print_nothing)
    made = getattr(clock, move)()
    assert isinstance(made, Counting)
    assert clock.now() == at
    return made


def print_nothing() -> None:
    """What these timers do."""


MOVES = {"tick": (1, 10), "tick_all": (3, 30), "run_until_idle": (30.0, 30)}

ACTS: list[tuple[Callable[[Any], Any], Callable[[Any], Any]]] = [
    (lambda n: n == 3, lambda n: n == 3),
    (lambda n: n != 3, lambda n: n != 3),
    (lambda n: 3 == n, lambda n: n == 3),  # noqa: SIM300
    (lambda n: n < 3, lambda n: n < 3),
    (lambda n: n <= 3, lambda n: n <= 3),
    (lambda n: 3 < n, lambda n: n > 3),  # noqa: SIM300
    (lambda n: n >= 3, lambda n: n >= 3),
    (lambda n: n == "x", lambda n: False),
    (lambda n: n == pytest.approx(3), lambda n: n == pytest.approx(3)),
    (lambda n: n + 1.5, lambda n: n + 1.5),
    (lambda n: 1.5 + n, lambda n: n + 1.5),
    (lambda n: n - 1, lambda n: n - 1),
    (lambda n: 1 - n, lambda n: 1 - n),
    (lambda n: n * 2, lambda n: n * 2),
    (lambda n: 2 * n, lambda n: 2 * n),
    (lambda n: n / 2, lambda n: n / 2),
    (lambda n: 60 / n, lambda n: 60 / n),
    (lambda n: n // 2, lambda n: n // 2),
    (lambda n: 60 // n, lambda n: 60 // n),
    (lambda n: n % 2, lambda n: n % 2),
    (lambda n: 7 % n, lambda n: 7 % n),
    (lambda n: n**2, lambda n: n**2),
    (lambda n: 2**n, lambda n: 2**n),
    (lambda n: divmod(n, 2), lambda n: divmod(n, 2)),
    (lambda n: divmod(7, n), lambda n: divmod(7, n)),
    (lambda n: sum([n, n]), lambda n: 2 * n),
    (lambda n: n + n, lambda n: 2 * n),
    (lambda n: max(n, 7), lambda n: max(n, 7)),
    (operator.neg, operator.neg),
    (operator.pos, operator.pos),
    (abs, abs),
    (round, round),
    (math.trunc, math.trunc),
    (math.floor, math.floor),
    (math.ceil, math.ceil),
    (int, int),
    (float, float),
    (bool, bool),
    (hash, hash),
    (repr, repr),
    (str, str),
    (lambda n: f"{n:.2f}", lambda n: f"{n:.2f}"),
    (lambda n: f"{n}", lambda n: f"{n}"),
    (lambda n: {n: "x"}[n], lambda n: "x"),
    (lambda n: n.real, lambda n: n),
    (lambda n: n.as_integer_ratio(), lambda n: n.as_integer_ratio()),
]
OF_INTEGERS: list[tuple[Callable[[Any], Any], Callable[[Any], Any]]] = [
    (operator.index, operator.index),
    (operator.invert, operator.invert),
    (lambda n: "abcdef"[n], lambda n: "abcdef"[n]),
    (lambda n: list(range(n)), lambda n: list(range(n))),
    (lambda n: n & 3, lambda n: n & 3),
    (lambda n: 3 & n, lambda n: 3 & n),
    (lambda n: n | 4, lambda n: n | 4),
    (lambda n: n ^ 1, lambda n: n ^ 1),
    (lambda n: n << 2, lambda n: n << 2),
    (lambda n: 64 >> n, lambda n: 64 >> n),
    (lambda n: pow(n, 2, 5), lambda n: pow(n, 2, 5)),
    (lambda n: f"{n:d}", lambda n: f"{n:d}"),
    (lambda n: n.bit_length(), lambda n: n.bit_length()),
]


@pytest.mark.parametrize("move", MOVES)
async def test_what_acts_on_a_number_lets_it_pass(clock: ManualClock, move: str):
    number, took = MOVES[move]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep, 0)
        for act, same in ACTS if move == "run_until_idle" else [*ACTS, *OF_INTEGERS]:
            at = clock.now()
            n = passage(clock, move)
            assert act(n) == same(number)
            assert clock.now() == at + took
            assert n == number  # the same again, and no more time
            assert clock.now() == at + took
            clock.tick_all()


async def test_what_numbers_cannot_do(clock: ManualClock):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep, 0)
        n: Any = passage(clock)
        assert not hasattr(n, "shape")
        assert not hasattr(n, "_private")
        assert clock.now() == 0  # it was looked at, not used
        with pytest.raises(TypeError):
            n < "x"  # noqa: B015
        assert clock.now() == 10
        with pytest.raises(TypeError, match="integer"):
            operator.index(passage(clock, "run_until_idle"))


async def test_used_first_and_awaited_then(clock: ManualClock, diary: Diary):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 0)
        n = passage(clock)
        assert n == 1
        assert diary.lines == []
        assert await n == 1
        assert clock.now() == 10
        assert diary.lines == [("a", 10)]  # it was let go on


async def test_awaited_first_and_used_then(clock: ManualClock):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep, 0)
        n = passage(clock, "run_until_idle")
        assert await n == 30
        assert (n, await n, clock.now()) == (30, 30, 30)


async def test_a_held_one_passes_when_it_is_awaited_or_let_go(clock: ManualClock, diary: Diary):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10)
        r = clock.advance(100)
        assert isinstance(r, Passage)
        assert clock.now() == 0
        await r
        assert (clock.now(), diary.lines) == (100, [("a", 10)])
        await r
        assert clock.now() == 100
        tasks.start_soon(diary.work, "b", 0)
        r = clock.advance(100)
        assert clock.now() == 100
        del r
        gc.collect()
        assert clock.now() == 200


async def test_one_that_somebody_else_awaits(clock: ManualClock):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep, 0)
        n = passage(clock)
        refused = []

        def use() -> None:
            with pytest.raises(UsageError, match="this time is passing already") as error:
                bool(n)
            refused.append(error)

        clock.call_at(5, use)
        assert await n == 1
        assert len(refused) == 1
        assert n == 1


async def test_what_a_timer_raises(clock: ManualClock):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep, 0)

        def fail() -> None:
            raise ValueError("no")

        clock.call_at(5, fail)
        n = passage(clock)
        with pytest.raises(ValueError, match="no"):
            int(n)
        with pytest.raises(UsageError, match="an error has ended it"):
            int(n)
