"""When the settings are read again, and when not."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from compat import ConfigurationError, get_pusher_server, override, reset_cache, state
from compat.names import VARIABLES
from compat.state import current


@pytest.mark.usefixtures("real")
def test_one_reading_while_nothing_changes(monkeypatch: pytest.MonkeyPatch):
    first = current()
    monkeypatch.setenv("SOMETHING_ELSE", "1")
    assert current() is first


@pytest.mark.parametrize("name", VARIABLES)
def test_each_variable_counts(name: str, monkeypatch: pytest.MonkeyPatch):
    before = state._environment()
    monkeypatch.setenv(name, "\u00e9")
    assert state._environment() != before


@pytest.mark.usefixtures("real")
def test_a_change_without_effect_keeps_what_was_built(monkeypatch: pytest.MonkeyPatch):
    first = current()
    monkeypatch.setenv("PUSHER_APP_CLUSTER", "PUSHER_CLUSTER comes first")
    assert current() is first
    assert first.reading.environment == state._environment()
    monkeypatch.setenv("PUSHER_CLUSTER", "us2")
    assert current() is not first


@pytest.mark.usefixtures("real")
def test_the_environment_replaced_by_a_dictionary(monkeypatch: pytest.MonkeyPatch):
    before = current().settings
    monkeypatch.setattr(os, "environ", {"USE_MOCKS": "yes"})
    assert current().settings.use_mocks is True
    assert current() is current()
    monkeypatch.undo()
    monkeypatch.setenv("USE_MOCKS", "true")
    assert current().settings is not before


def test_a_failure_is_not_kept(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ConfigurationError):
        current()
    monkeypatch.setenv("USE_MOCKS", "on")
    assert current().settings.use_mocks


@pytest.mark.usefixtures("real")
def test_files_are_read_again_after_reset(no_settings: Path):
    (no_settings / ".env").write_text("PUSHER_HOST=one.test\n")
    assert current().settings.host == "one.test"
    (no_settings / ".env").write_text("PUSHER_HOST=two.test\n")
    assert current().settings.host == "one.test"
    with override(key="k"):
        assert current().settings.host == "two.test"
        reset_cache()
        assert current().settings.key == "k"  # the override is still active
    assert current().settings.host == "two.test"


@pytest.mark.usefixtures("real")
def test_threads_share_one_reading():
    readings = together(current)
    assert len(set(map(id, readings))) == 1


@pytest.mark.usefixtures("real")
def test_a_reading_that_another_thread_made_meanwhile():
    first = current()
    assert state._read() is first


@pytest.mark.usefixtures("real")
def test_a_forked_child_keeps_the_server_and_forgets_the_client():
    resolved = current()
    server = get_pusher_server()
    resolved.shared = state.SharedClient(None)  # type: ignore[arg-type]
    with override(key="k"):
        state._after_fork()  # no reading under the override yet: nothing to renew there
        assert current().settings.key == "k"
    assert current() is not resolved
    assert current().shared is None
    assert get_pusher_server() is server


FORK = """
import os, threading
from compat import get_pusher_server, override, state

parent = get_pusher_server()
held, done = threading.Event(), threading.Event()

def hold():
    with state._lock, state.current().building:
        held.set()
        done.wait()

thread = threading.Thread(target=hold)
thread.start()
held.wait()
child = os.fork()
if child == 0:
    # In a new thread: a lock left behind by the parent's thread would block it for ever.
    found = []
    def look():
        with override(key="k"):
            found.append(get_pusher_server().trigger)
        found.append(get_pusher_server())
    seeker = threading.Thread(target=look, daemon=True)
    seeker.start()
    seeker.join(30)
    os._exit(0 if len(found) == 2 and found[1] is parent else 1)
done.set()
thread.join()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.usefixtures("real")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_locks_held_during_a_fork():
    run = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, check=True)
    assert run.stdout == "0\n", run.stderr


def together(function: Callable[[], object], threads: int = 8) -> list[object]:
    """Call a function from several threads at the same moment."""
    barrier = threading.Barrier(threads)
    results: list[object] = []

    def call() -> None:
        barrier.wait()
        results.append(function())

    started = [threading.Thread(target=call) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    assert len(results) == threads
    return results
