"""`override` as a context manager and as a decorator."""

import asyncio
from collections.abc import AsyncGenerator, Generator

import pytest

from compat import get_pusher_client, get_pusher_server, is_mocked, override
from compat.state import current

pytestmark = pytest.mark.usefixtures("real")


def key() -> str:
    return current().settings.key


def test_nesting_keeps_what_the_inner_one_does_not_name():
    with override(use_mocks=True, key="outer") as entered:
        assert isinstance(entered, override)
        assert (is_mocked(), key()) == (True, "outer")
        with override(cluster="us2"):
            assert (is_mocked(), key(), current().settings.cluster) == (True, "outer", "us2")
            with override(use_mocks=False, key="inner"):
                assert (is_mocked(), key()) == (False, "inner")
            assert key() == "outer"
        assert current().settings.cluster == "eu"
    assert (is_mocked(), key()) == (False, "real-key")


def test_it_beats_files_and_environment_and_none_unsets(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_URL", "http://k:s@localhost:6001/apps/7")
    with override(host="other.test", cluster=None):
        settings = current().settings
        assert (settings.host, settings.port, settings.cluster) == ("other.test", 6001, None)


def test_leaving_brings_back_the_same_objects():
    before = current(), get_pusher_server(), get_pusher_client()
    with override(key="outer"):
        outer = current(), get_pusher_server(), get_pusher_client()
        with override(key="inner"):
            assert get_pusher_server() not in (before[1], outer[1])
            assert get_pusher_client() not in (before[2], outer[2])
        assert (current(), get_pusher_server(), get_pusher_client()) == outer
    assert (current(), get_pusher_server(), get_pusher_client()) == before


def test_leaving_after_an_error():
    with pytest.raises(ZeroDivisionError), override(key="k"):
        raise ZeroDivisionError
    assert key() == "real-key"


def test_leaving_in_another_order():
    first, second = override(key="first"), override(cluster="us2")
    first.__enter__()
    second.__enter__()
    assert (key(), current().settings.cluster) == ("first", "us2")
    first.__exit__(None, None, None)
    assert (key(), current().settings.cluster) == ("real-key", "us2")
    second.__exit__(None, None, None)
    assert (key(), current().settings.cluster) == ("real-key", "eu")


def test_one_object_entered_twice():
    twice = override(key="k")
    with twice, twice:
        assert key() == "k"
    assert key() == "real-key"
    with twice:
        assert key() == "k"
    assert key() == "real-key"


def test_a_change_of_the_environment_shows_through(monkeypatch: pytest.MonkeyPatch):
    with override(cluster="us2"):
        assert key() == "real-key"
        monkeypatch.setenv("PUSHER_KEY", "changed")
        assert (key(), current().settings.cluster) == ("changed", "us2")


def test_an_unknown_setting():
    with pytest.raises(TypeError, match="knows no setting app_key, id; the settings are use_mocks"):
        override(app_key="k", id="1")


def test_as_a_decorator():
    @override(key="k")
    def function(a: int, *, b: int) -> tuple[str, int]:
        """Documented."""
        return key(), a + b

    assert function(1, b=2) == ("k", 3)
    assert function(3, b=4) == ("k", 7)
    assert (function.__name__, function.__doc__) == ("function", "Documented.")
    assert key() == "real-key"


def test_as_a_decorator_of_a_recursive_function():
    @override(key="k")
    def down(n: int) -> str:
        return down(n - 1) if n else key()

    assert down(3) == "k"
    assert key() == "real-key"


def test_as_a_decorator_of_a_coroutine_function():
    @override(key="k")
    async def function() -> tuple[str, str]:
        before = key()
        await asyncio.sleep(0)
        return before, key()

    coroutine = function()
    assert key() == "real-key"  # not before it runs
    assert asyncio.run(coroutine) == ("k", "k")
    assert key() == "real-key"


def test_as_a_decorator_of_a_generator():
    @override(key="k")
    def fixture() -> Generator[str, str, str]:
        sent = yield key()
        return sent + key()

    running = fixture()
    assert key() == "real-key"
    assert next(running) == "k"
    assert key() == "k"
    with pytest.raises(StopIteration) as stopped:
        running.send("sent-")
    assert stopped.value.value == "sent-k"
    assert key() == "real-key"


def test_as_a_decorator_of_an_async_generator():
    seen = []

    @override(key="k")
    async def fixture() -> AsyncGenerator[str, None]:
        try:
            yield key()
            yield key()
        finally:
            seen.append(key())

    async def run() -> None:
        assert [item async for item in fixture()] == ["k", "k"]
        abandoned = fixture()
        assert await anext(abandoned) == "k"
        await abandoned.aclose()

    asyncio.run(run())
    assert seen == ["k", "k"]  # closed before the override was left, also when abandoned
    assert key() == "real-key"


def test_not_as_a_decorator_of_a_class():
    with pytest.raises(TypeError, match="enterContext"):

        @override(use_mocks=True)
        class Tests:
            pass
