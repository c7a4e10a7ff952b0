"""A process that forks while its other threads are at work on mocks."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from threading import Event, Lock, RLock, Thread
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pytest

from pusher_mock import PusherMock
from pusher_mock.core import forks

if TYPE_CHECKING:
    from collections.abc import Iterator

forking = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

# Children are ended by an alarm rather than waited for without end.
SCRIPT = """
import os, signal, threading
import pusher
from pusher_mock import PusherMock, intercepted
stop = threading.Event()
sdk = pusher.Pusher("1", "mock-pusher-key", "mock-pusher-secret", cluster="eu")

def publish():
    sdk.trigger("a", "b", {})

def begin_and_end():
    with intercepted():
        pass

def work(what):
    while not stop.is_set():
        what()

def forked(child):
    process = os.fork()
    if not process:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(5)
        child()
        os._exit(0)
    return os.waitpid(process, 0)[1]

with PusherMock() as mock, mock.intercept():
    publish()
    threads = [threading.Thread(target=work, args=[ACT], daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    print([forked(CHILD) for _ in range(12)])
    stop.set()
    for thread in threads:
        thread.join()
"""


@forking
@pytest.mark.parametrize(
    ("act", "child"), [("publish", "publish"), ("begin_and_end", "begin_and_end")]
)
def test_a_child_goes_on_with_what_it_has(act: str, child: str):
    code = SCRIPT.replace("ACT", act).replace("CHILD", child)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.stdout.strip() == str([0] * 12), done.stderr


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the locks of this process but those of the test."""
    monkeypatch.setattr(forks, "_ranks", WeakKeyDictionary())
    monkeypatch.setattr(forks, "_PATIENCE", 0.01)


@contextmanager
def held_elsewhere(lock: Any) -> Iterator[None]:
    begun, over = Event(), Event()

    def work() -> None:
        lock.acquire()
        begun.set()
        over.wait(5)

    thread = Thread(target=work)
    thread.start()
    begun.wait(5)
    try:
        yield
    finally:
        over.set()
        thread.join(5)


def is_free(lock: Any) -> bool:
    found: list[bool] = []
    thread = Thread(target=lambda: found.append(lock.acquire(blocking=False)))
    thread.start()
    thread.join(5)
    return found[0]


@pytest.mark.usefixtures("alone")
def test_they_are_held_in_order_while_it_forks():
    inner = forks.hold(RLock(), forks.INNERMOST)
    outer = forks.hold(Lock())
    mock = forks.hold(RLock(), forks.MOCK)
    with mock:  # the thread that forks may have it
        forks._before()
        assert forks._local.taken == (outer, mock, inner)
        assert not is_free(outer)
        forks._after_in_parent()
    assert is_free(outer)
    assert is_free(mock)
    assert is_free(inner)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("make", [Lock, RLock])
def test_one_that_another_thread_keeps(make: Any):
    kept, free = forks.hold(make()), forks.hold(make())
    with held_elsewhere(kept):
        forks._before()
        assert forks._local.missed == (kept,)
        forks._after_in_parent()
        assert not is_free(kept)
        forks._before()
        forks._after_in_child()
        assert is_free(kept)
        assert is_free(free)


@pytest.mark.usefixtures("alone")
def test_they_are_not_kept():
    forks.hold(RLock())
    gc.collect()
    assert not forks._ranks


@forking
def test_a_child_has_a_clock_that_no_other_thread_holds():
    mock = PusherMock()
    with held_elsewhere(mock.clock.guard):
        process = os.fork()
        if not process:  # pragma: no cover - coverage does not follow
            signal.alarm(10)
            mock.clock.call_at(1, print)
            os._exit(0)
    assert os.waitpid(process, 0)[1] == 0
