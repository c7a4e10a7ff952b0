"""Beside the plugins that our users have, and without each of them."""

from __future__ import annotations

import importlib
import sys
import textwrap

import pytest
from tests.suites import APP, PLUGINS, suite

OTHERS = (
    "django",
    "asyncio",
    "anyio",
    "xdist",
    "randomly",
    "random_order",
    "socket",
    "hypothesispytest",
)

MIXED = """
    @pytest.mark.parametrize("n", range(10))
    def test_alone(n, pusher_mock, pusher_server, pusher_client):
        heard = []
        pusher_client.subscribe("c").bind("e", heard.append)
        PUBLISHER.trigger("c", "e", str(n))
        pusher_server.trigger("c", "e", str(n))
        pusher_mock.assert_triggered("c", "e", times=2)
        assert heard == [str(n)]  # PUBLISHER has another app
"""


def _fresh(pytester: pytest.Pytester, *run: str) -> pytest.RunResult:
    """Run in a process of its own: some of these plugins change the whole process."""
    return pytester.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *run)


@pytest.mark.parametrize("name", OTHERS)
def test_without_each_of_them(name: str, pytester: pytest.Pytester):
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(textwrap.dedent(APP) + textwrap.dedent(MIXED))
    # The scope is an option of a plugin that may be the one left out.
    _fresh(pytester, "-p", f"no:{name}").assert_outcomes(passed=10)


def test_without_ours(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        def test_it(pusher_mock):
            pass

        def test_the_switch(pusher_settings):
            pass

        def test_other():
            PUBLISHER.trigger("c", "e", {})
        """,
        run=("-p", "no:pusher_mock"),
    )
    result.assert_outcomes(passed=1, errors=2)


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_randomly(seed: str, pytester: pytest.Pytester):
    pytester.makepyfile(textwrap.dedent(APP) + textwrap.dedent(MIXED))
    options = ("-p", "no:hypothesispytest", "-p", "no:asyncio")
    result = pytester.runpytest_inprocess(*options, f"--randomly-seed={seed}")
    result.assert_outcomes(passed=10)
    result.stdout.fnmatch_lines([f"Using --randomly-seed={seed}"])


def test_random_order(pytester: pytest.Pytester):
    result = suite(pytester, MIXED, run=("--random-order", "--random-order-seed=7"))
    result.assert_outcomes(passed=10)
    result.stdout.fnmatch_lines(["Using --random-order-seed=7"])


def test_xdist(pytester: pytest.Pytester):
    suite(pytester, MIXED, run=("-n", "2")).assert_outcomes(passed=10)


ASYNC = """
    async def publish():
        await asyncio.sleep(0)
        PUBLISHER.trigger("c", "e", {})

    @pytest.fixture
    async def listening(pusher_mock):
        heard = []
        client = pusher_mock.client(connect=True, key="k", secret="s")
        client.subscribe("c").bind("e", heard.append)
        yield heard
        assert current_mock() is pusher_mock

"""


@pytest.mark.parametrize(
    ("mode", "mark"), [("auto", ""), ("strict", "@pytest.mark.asyncio")], ids=["auto", "strict"]
)
def test_asyncio(mode: str, mark: str, pytester: pytest.Pytester):
    pytester.makeini(
        f"[pytest]\nasyncio_mode = {mode}\nasyncio_default_fixture_loop_scope = function\n"
    )
    fixture = "pytest" if mode == "auto" else "pytest_asyncio"
    body = f"""
    import asyncio
    import pytest_asyncio
    {ASYNC.replace("@pytest.fixture", f"@{fixture}.fixture")}
    {mark}
    async def test_it(listening, pusher_mock):
        await asyncio.gather(publish(), publish())
        assert listening == ["{{}}", "{{}}"]
        pusher_mock.assert_triggered("c", "e", times=2)

    {mark}
    async def test_the_next(pusher_mock):
        assert pusher_mock.published() == []
    """
    pytester.makepyfile(textwrap.dedent(APP) + textwrap.dedent(body))
    _fresh(pytester, "-W", "error").assert_outcomes(passed=2)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio(backend: str, pytester: pytest.Pytester):
    importlib.import_module(backend)
    body = f"""
    import anyio

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def anyio_backend():
        return "{backend}"

    @pytest.fixture
    async def listening(pusher_mock):
        heard = []
        client = pusher_mock.client(connect=True, key="k", secret="s")
        client.subscribe("c").bind("e", heard.append)
        yield heard
        assert current_mock() is pusher_mock

    async def publish():
        await anyio.lowlevel.checkpoint()
        PUBLISHER.trigger("c", "e", {{}})

    async def test_it(listening, pusher_mock):
        async with anyio.create_task_group() as group:
            group.start_soon(publish)
            group.start_soon(anyio.to_thread.run_sync, PUBLISHER.trigger, "c", "e", {{}})
        assert listening == ["{{}}", "{{}}"]
        pusher_mock.assert_triggered("c", "e", times=2)

    async def test_the_next(pusher_mock):
        assert pusher_mock.published() == []
    """
    pytester.makepyfile(textwrap.dedent(APP) + textwrap.dedent(body))
    _fresh(pytester, "-W", "error", "-p", "no:asyncio").assert_outcomes(passed=2)


DJANGO = """
    from compat import pusher_server
    from django.contrib.auth.models import Group
    from django.db import transaction

    def rename(name):
        with transaction.atomic():
            Group.objects.create(name=name)
            transaction.on_commit(lambda: pusher_server.trigger("groups", "made", {"name": name}))

    @pytest.mark.django_db
    def test_on_commit(pusher_mock, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            rename("one")
        pusher_mock.assert_triggered("groups", "made", {"name": "one"}, times=1)

    @pytest.mark.django_db(transaction=True)
    def test_a_real_commit(pusher_mock):
        rename("two")
        pusher_mock.assert_triggered("groups", "made", {"name": "two"}, times=1)

    def test_the_live_server(live_server, pusher_mock):
        from urllib.request import urlopen

        with urlopen(live_server.url) as answer:
            assert answer.read() == b"published"
        pusher_mock.assert_triggered("views", "asked", times=1)

    def test_settings(settings, pusher_mock):
        from compat import is_mocked

        assert is_mocked()
        settings.USE_MOCKS = False
        assert not is_mocked()
"""


@pytest.mark.parametrize("jobs", [(), ("-n", "2")], ids=["one process", "two"])
def test_django(jobs: tuple[str, ...], pytester: pytest.Pytester):
    pytester.makeini("[pytest]\nDJANGO_SETTINGS_MODULE = project_settings\npythonpath = .\n")
    pytester.makepyfile(
        project_settings="""
        SECRET_KEY = "tests"
        INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        ROOT_URLCONF = "project_urls"
        STATIC_URL = "static/"
        """,
        project_urls="""
        from compat import pusher_server
        from django.http import HttpResponse
        from django.urls import path

        def page(request):
            pusher_server.trigger("views", "asked", {})
            return HttpResponse("published")

        urlpatterns = [path("", page)]
        """,
    )
    pytester.makepyfile(textwrap.dedent(APP) + textwrap.dedent(DJANGO))
    _fresh(pytester, "-p", "no:asyncio", *jobs).assert_outcomes(passed=4)


def test_isolated_asyncio_test_case(pytester: pytest.Pytester):
    pytester.makeini("[pytest]\npusher_mock_autouse = true\n")
    suite(
        pytester,
        """
        import unittest

        class TestAsync(unittest.IsolatedAsyncioTestCase):
            async def test_it(self):
                PUBLISHER.trigger("c", "e", {})
                current_mock().assert_triggered("c", "e", times=1)

            async def test_the_next(self):
                assert current_mock().published() == []
        """,
    ).assert_outcomes(passed=2)


def test_junit_keeps_the_report(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        def test_it(pusher_server):
            pusher_server.trigger("c", "e", {})
            assert False
        """,
        run=("--junitxml=result.xml", "-o", "junit_logging=all"),
    )
    result.assert_outcomes(failed=1)
    assert PLUGINS  # the plain set: nothing else is needed for it
    assert (pytester.path / "result.xml").exists()
