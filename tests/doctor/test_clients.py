"""Where clients are built, when, and of what."""

from __future__ import annotations

from typing import Any

import pytest

from .reports import all_of, only

FAKE = '"1", "shop-key", "shop-secret"'


@pytest.mark.parametrize(
    ("code", "label", "door"),
    [
        ("import pusher\nc = pusher.Pusher(1, 'k', 's')", "pusher.Pusher", "sdk"),
        ("import pusher as p\nc = p.Pusher(1, 'k', 's')", "pusher.Pusher", "sdk"),
        ("from pusher import Pusher\nc = Pusher(1, 'k', 's')", "pusher.Pusher", "sdk"),
        ("from pusher import Pusher as P\nc = P(1, 'k', 's')", "pusher.Pusher", "sdk"),
        ("from pusher.pusher import Pusher\nc = Pusher(1, 'k', 's')", "pusher.Pusher", "sdk"),
        ("import pusher.pusher\nc = pusher.pusher.Pusher(1, 'k', 's')", "pusher.Pusher", "sdk"),
        (
            "from pusher.pusher_client import PusherClient\nc = PusherClient(1, 'k', 's')",
            "pusher.PusherClient",
            "sdk",
        ),
        (
            "import pusher\nc = pusher.Pusher.from_url('http://a:b@h/apps/1')",
            "pusher.Pusher.from_url",
            "sdk",
        ),
        ("import pusher\nc = pusher.Pusher.from_env()", "pusher.Pusher.from_env", "sdk"),
        ("import pysher\nc = pysher.Pusher('k')", "pysher.Pusher", "sdk"),
        ("from pysher.pusher import Pusher\nc = Pusher('k')", "pysher.Pusher", "sdk"),
        ("import pusherclient\nc = pusherclient.Pusher('k')", "pusherclient.Pusher", "websocket"),
        ("from flask_pusher import Pusher\nc = Pusher()", "flask_pusher.Pusher", "sdk"),
        (
            "import pusher\nclass Mine(pusher.Pusher): ...\nc = Mine(1, 'k', 's')",
            "Mine, a subclass of pusher.Pusher",
            "sdk",
        ),
    ],
)
def test_every_way_to_build_one(read: Any, code: str, label: str, door: str):
    found = only(read({"app.py": code}), "client")
    assert found.text.startswith(f"{label} built at import")
    assert (found.path, found.line) == ("app.py", len(code.splitlines()))
    assert (found.door, found.when, found.severity) == (door, "import", "note")


@pytest.mark.parametrize(
    "code",
    [
        "from pusher_push_notifications import PushNotifications\nc = PushNotifications('i', 's')",
        "from .pusher import Pusher\nc = Pusher(1, 'k', 's')",
        "from shop.pusher import Pusher\nc = Pusher(1, 'k', 's')",
        "pusher = make()\nc = pusher.Publisher(1)",
        "import pusher\nc = (lambda: 1)()",
        "class Pusher(Pusher): ...\nc = Pusher()",
    ],
)
def test_what_is_no_client(read: Any, code: str):
    assert all_of(read({"app.py": code}), "client") == []


@pytest.mark.parametrize(
    ("code", "when", "place"),
    [
        (f"c = pusher.Pusher({FAKE})", "import", "built at import;"),
        (f"class Push:\n    c = pusher.Pusher({FAKE})", "import", "built at import in Push;"),
        (
            f"class Push:\n    def send(self):\n        return pusher.Pusher({FAKE})",
            "call",
            "built at each call in Push.send();",
        ),
        (f"def f():\n    pusher.Pusher({FAKE})", "call", "built at each call in f();"),
        (f"async def f():\n    pusher.Pusher({FAKE})", "call", "built at each call in f();"),
        (f"def f(c=pusher.Pusher({FAKE})): ...", "import", "built at import;"),
        (f"make = lambda: pusher.Pusher({FAKE})", "call", "built at each call;"),
        (
            f"@lru_cache\ndef f():\n    return pusher.Pusher({FAKE})",
            "cached",
            "built at the first call and kept in f();",
        ),
        (
            f"@functools.lru_cache(maxsize=1)\ndef f():\n"
            f"    def g():\n        return pusher.Pusher({FAKE})\n    return g()",
            "cached",
            "built at the first call and kept in f();",
        ),
        (
            f"def f():\n    global c\n    if c is None:\n        c = pusher.Pusher({FAKE})\n"
            "    return c",
            "cached",
            "built at the first call and kept in f();",
        ),
        (
            f"class Push:\n    def get(self):\n        if not self.c:\n"
            f"            self.c = pusher.Pusher({FAKE})\n        return self.c",
            "cached",
            "built at the first call and kept in Push.get();",
        ),
        (
            f"class Push:\n    def get(self):\n        if 1:\n"
            f"            self.c = pusher.Pusher({FAKE})\n",
            "call",
            "built at each call in Push.get();",
        ),
        (
            f"if __name__ == '__main__':\n    c = pusher.Pusher({FAKE})\nelse:\n    c = None",
            "main",
            "built when the file is run;",
        ),
        (f"if DEBUG:\n    c = pusher.Pusher({FAKE})", "import", "built at import;"),
    ],
)
def test_when_it_is_built(read: Any, code: str, when: str, place: str):
    found = only(read({"app.py": f"import functools, pusher\n{code}\n"}), "client")
    assert found.when == when
    assert place in found.text
    assert ("settings that a test changes" in found.advice) == (when in ("import", "cached"))


def test_in_a_package(read: Any):
    code = f"import pusher\nc = pusher.Pusher({FAKE})"
    found = only(read({"shop/__init__.py": code}), "client")
    assert found.advice.startswith("importing anything of this package builds it")


def test_a_factory_that_is_called_at_import(read: Any):
    report = read(
        {
            "services/__init__.py": "",
            "services/realtime.py": f"""\
                import pusher

                def get_client():
                    return pusher.Pusher({FAKE})

                client = get_client()
                """,
            "views.py": """\
                from services.realtime import get_client
                mine = get_client()  # pusher

                def later():
                    return get_client()
                """,
        }
    )
    first, second, third = all_of(report, "client")
    assert (first.path, first.line, first.when) == ("services/realtime.py", 4, "call")
    assert (second.line, second.when) == (6, "import")
    assert "by get_client()" in second.text
    assert (third.path, third.line, third.when) == ("views.py", 2, "import")


def test_a_class_that_builds_one(read: Any):
    code = f"""\
        import pusher

        class Sender:
            def __init__(self):
                self.client = pusher.Pusher({FAKE})

            def other(self):
                return None

        sender = Sender()
        """
    inside, outside = all_of(read({"app.py": code}), "client")
    assert (inside.line, inside.when) == (5, "call")
    assert (outside.line, outside.when) == (10, "import")
    assert "by Sender()" in outside.text


def test_a_subclass_of_another_module(read: Any):
    report = read(
        {
            "push/__init__.py": "from .classes import Mine\n",
            "push/classes.py": "from pusher import Pusher\n\nclass Mine(Pusher):\n    pass\n",
            "views.py": f"from push import Mine  # pusher\n\ndef view():\n    Mine({FAKE})\n",
            "more.py": f"import push.classes as pusher\nc = pusher.Mine({FAKE})\n",
        }
    )
    more, views = all_of(report, "client")
    assert views.text.startswith("Mine, a subclass of pusher.Pusher built at each call in view()")
    assert more.text.startswith("Mine, a subclass of pusher.Pusher built at import")


def test_two_modules_that_import_each_other(read: Any):
    report = read(
        {
            "a.py": "from b import Pusher\nc = Pusher(1)\n",
            "b.py": "from a import Pusher\nc = Pusher(1)\n",
        }
    )
    assert all_of(report, "client") == []


@pytest.mark.parametrize(
    ("backend", "by"),
    [
        ("pusher.aiohttp.AsyncIOBackend", "aiohttp"),
        ("pusher.tornado.TornadoBackend", "tornado"),
        ("pusher.gae.GAEBackend", "App Engine's urlfetch"),
    ],
)
def test_back_ends(read: Any, backend: str, by: str):
    code = f"import {backend.rpartition('.')[0]}\nc = pusher.Pusher({FAKE}, backend={backend})"
    found = only(read({"app.py": code}), "backend")
    assert found.text == f"{backend.rpartition('.')[2]}: calls go out by {by}"
    assert found.door == "sdk"


def test_the_back_end_of_the_sdk_is_no_news(read: Any):
    code = f"import pusher\nc = pusher.Pusher({FAKE}, backend=pusher.requests.RequestsBackend)"
    assert all_of(read({"app.py": code}), "backend") == []


def test_a_host_of_its_own(read: Any):
    code = f"import pusher\nc = pusher.Pusher({FAKE}, host='10.0.0.7', port=6001, ssl=False)"
    report = read({"app.py": code})
    assert only(report, "host").text == "the client's host is its own: literal '10.0.0.7'"
    text = only(report, "client").text
    assert "host literal '10.0.0.7', port literal 6001, ssl literal False" in text
    code = "import pysher\nc = pysher.Pusher('k', custom_host=HOST, secure=False)"
    report = read({"app.py": code})
    assert only(report, "host").text == "the client's host is its own: computed"
    assert "ssl literal False" in only(report, "client").text
    report = read({"app.py": f"import pusher\nc = pusher.Pusher({FAKE}, host=None)"})
    assert all_of(report, "host") == []


def test_arguments_that_are_not_written_out(read: Any):
    code = "import pusher\nc = pusher.Pusher(*PARTS, **OPTIONS)"
    assert only(read({"app.py": code}), "client").text == "pusher.Pusher built at import"


@pytest.mark.parametrize(
    ("code", "library"),
    [
        ("from celery import shared_task\n", "celery"),
        ("from .queue import app\n@app.task\ndef f(): ...\n", "@app.task"),
        ("from .queue import app\n@app.task(bind=True)\ndef f(self): ...\n", "@app.task"),
    ],
)
def test_a_worker_process(read: Any, code: str, library: str):
    client = f"import pusher\nc = pusher.Pusher({FAKE})\n"
    found = only(read({"news/tasks.py": code + client}), "worker")
    assert library in found.text
    assert "pusher-mock run --serve" in found.advice
    assert all_of(read({"tests/test_tasks.py": code + client}), "worker") == [found]


def test_a_worker_by_its_folder(read: Any):
    code = f"import pusher\n\ndef f():\n    pusher.Pusher({FAKE}).trigger('c', 'e', {{}})\n"
    assert "by its name" in only(read({"ai-worker/client.py": code}), "worker").text


def test_imports_alone(read: Any):
    report = read({"app.py": "import pusher.errors\n", "b.py": "from pysher import Pusher\n"})
    assert [one.text for one in all_of(report, "import")] == [
        "pusher is imported",
        "pysher is imported",
    ]
    report = read({"app.py": "import drf_model_pusher\n"})
    assert only(report, "library").door == "sdk"


def test_what_is_there_of_the_mock(read: Any):
    report = read(
        {
            "a.py": "from compat import pusher_server\n",
            "b.py": "import compat.django\n",
            "tests/test_a.py": "from pusher_mock import PusherMock\n",
            "tests/test_b.py": "import pusher_mock\n",
            ".env": "USE_MOCKS=true\n",
        }
    )
    texts = {one.path: one.text for one in all_of(report, "switch")}
    assert texts == {
        ".env": "USE_MOCKS is on here",
        "a.py": "the switch (`compat`) is used: USE_MOCKS=true turns it to the mock "
        "(and in 1 more file)",
        "tests/test_a.py": "pusher_mock is used already (and in 1 more file)",
    }
