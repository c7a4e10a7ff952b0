"""Libraries that are imported, or not, while somebody intercepts."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent


def python(code: str) -> str:
    """Run a script in a fresh interpreter; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_library_that_comes_in_later():
    said = python(
        """
        import sys
        from pusher_mock import intercepted

        with intercepted() as mock:
            assert not {"httpx", "requests", "aiohttp", "websocket"} & set(sys.modules)
            import httpx
            import inspect

            assert httpx.__spec__.loader is httpx.__loader__
            assert "class HTTPTransport" in inspect.getsource(httpx._transports.default)
            print(httpx.get("https://api-eu.pusher.com/apps/1/channels").text.strip())
            from pusher import Pusher

            Pusher("1", "k", "s").trigger("c", "e", {})
            mock.assert_triggered("c", "e")
            import requests
        assert [one for one in sys.meta_path if "pusher_mock" in type(one).__module__] == []
        assert "pusher_mock" not in requests.adapters.HTTPAdapter.send.__code__.co_filename
        """
    )
    assert said == "Authentication key required\n"


def test_a_module_that_is_not_there():
    python(
        """
        from pusher_mock import intercepted

        with intercepted():
            try:
                import pusher.nothing
            except ModuleNotFoundError:
                pass
            try:
                import pusher.gae  # needs App Engine
            except ImportError:
                pass
        """
    )


def test_a_version_of_a_library_that_nobody_knows():
    said = python(
        """
        import sys, types
        from pusher_mock import UsageError, intercepted

        odd = types.ModuleType("requests.adapters")
        odd.__spec__ = types.SimpleNamespace(_initializing=False)
        odd.HTTPAdapter = type("HTTPAdapter", (), {})
        sys.modules["requests.adapters"] = odd
        try:
            intercepted().start()
        except UsageError as error:
            print(error)
        odd.__spec__._initializing = True  # it is being imported: its seams are not needed yet
        intercepted().start()
        """
    )
    assert said.startswith("requests.adapters.HTTPAdapter.send is not there: this version")


def test_on_app_engine_and_with_what_is_inherited():
    said = python(
        """
        import sys, types
        from pusher_mock import intercepted

        engine = types.ModuleType("google.appengine.api")
        engine.urlfetch = None
        sys.modules["google"] = types.ModuleType("google")
        sys.modules["google.appengine"] = types.ModuleType("google.appengine")
        sys.modules["google.appengine.api"] = engine
        import pusher
        from pusher.gae import GAEBackend

        class Base:
            send_request = GAEBackend.send_request

        original = vars(GAEBackend)["send_request"]
        client = pusher.Pusher("1", "k", "s", backend=GAEBackend)
        with intercepted() as mock:
            print(client.trigger("c", "e", {}))
            mock.assert_triggered("c", "e")
        assert vars(GAEBackend)["send_request"] is original
        """
    )
    assert said == "{}\n"
