"""Events at import and on save, webhooks, calls without an SDK, and patches in tests."""

from __future__ import annotations

from typing import Any

import pytest

from .reports import all_of, only

CLIENT = 'import pusher\nclient = pusher.Pusher("1", "k", "s")\n'


@pytest.mark.parametrize(
    "code",
    [
        "client.trigger('c', 'e', {})",
        "client.trigger_batch([])",
        "pusher.Pusher('1', 'k', 's').trigger('c', 'e', {})",
        "class A:\n    client.trigger('c', 'e', {})",
        "get_pusher().trigger('c', 'e', {})",
    ],
)
def test_an_event_at_import(read: Any, code: str):
    found = only(read({"app.py": CLIENT + code}), "event-at-import")
    assert (found.door, found.severity, found.when) == ("sdk", "warning", "import")
    assert "pusher_mock_autouse" in found.advice


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    client.trigger('c', 'e', {})",
        "if __name__ == '__main__':\n    client.trigger('c', 'e', {})",
        "signal.trigger('pusher')",
        "make().trigger('pusher')",
        "[1].trigger('pusher')",
        "client.channel_info('c')",
    ],
)
def test_no_event_at_import(read: Any, code: str):
    assert all_of(read({"app.py": CLIENT + code}), "event-at-import") == []


def test_a_client_of_another_module(read: Any):
    report = read(
        {
            "shop/rt.py": "import pusher\nrt = pusher.Pusher('1', 'k', 's')\nother = 5\n",
            "shop/b.py": "from .rt import rt as mine, other  # pusher\n"
            "alias = mine\nalias.trigger('c', 'e', {})\nother.trigger()\n",
        }
    )
    found = only(report, "event-at-import")
    assert (found.path, found.line) == ("shop/b.py", 3)


@pytest.mark.parametrize(
    ("path", "code", "by"),
    [
        ("models.py", "class A(B):\n    def save(self):\n        client.trigger(1)", "A.save()"),
        (
            "shop.py",
            "class A(models.Model):\n    def delete(self):\n        client.trigger(1)",
            "A.delete()",
        ),
        (
            "signals.py",
            "@receiver(post_save)\ndef f(**k):\n    client.trigger(1)",
            "the receiver f()",
        ),
    ],
)
def test_an_event_on_save(read: Any, path: str, code: str, by: str):
    found = only(read({path: CLIENT + code}), "event-on-save")
    assert found.text == f"{by} publishes: so does every fixture and factory that saves"


@pytest.mark.parametrize(
    "code",
    [
        "class A(models.Model):\n    def send(self):\n        client.trigger(1)",
        "class A(Thing):\n    def save(self):\n        client.trigger(1)",
        "def save():\n    client.trigger(1)",
        "@other\ndef save():\n    client.trigger(1)",
    ],
)
def test_no_event_on_save(read: Any, code: str):
    assert all_of(read({"shop.py": CLIENT + code}), "event-on-save") == []


def test_a_webhook(read: Any):
    code = f"{CLIENT}def view(r):\n    return client.validate_webhook(r.k, r.s, r.b)\n"
    found = only(read({"views.py": code}), "webhook")
    assert (found.line, found.door) == (4, None)
    assert "mock.webhooks()" in found.advice


URL = "https://api-eu.pusher.com/apps/1/events"


@pytest.mark.parametrize(
    ("code", "door", "text"),
    [
        (f"import requests\nrequests.post('{URL}')", "requests", "api-eu.pusher.com by requests"),
        (f"import httpx\nhttpx.post(url='{URL}')", "httpx", "api-eu.pusher.com by httpx"),
        (
            f"import httpx\nasync def f(c: httpx.AsyncClient):\n    await c.post('{URL}')",
            "httpx",
            "by httpx",
        ),
        (
            f"import aiohttp\nasync def f(s):\n    await s.post('{URL}')",
            "aiohttp",
            "by aiohttp",
        ),
        (
            "import requests\nCLUSTER = 'pusher'\n"
            "requests.post(f'https://api-{CLUSTER}.pusher.com/apps')",
            "requests",
            "api-*.pusher.com",
        ),
        (
            "import requests\nrequests.post('https://api-%s.pusher.com/apps' % x)",
            "requests",
            "api-%s.pusher.com",
        ),
        (
            "import requests\nrequests.post('https://api-{}.pusher.com/apps'.format(x))",
            "requests",
            "api-{}.pusher.com",
        ),
        (
            "import requests\nrequests.post('https://api.pusherapp.com' + path)",
            "requests",
            "api.pusherapp.com",
        ),
        (f"import requests\nURL = '{URL}'\nrequests.post(URL)", "requests", "by requests"),
        (
            f"import urllib.request\nurllib.request.urlopen('{URL}')",
            "none",
            "api-eu.pusher.com by urllib",
        ),
        (
            "from http.client import HTTPSConnection\nc = HTTPSConnection('api.pusherapp.com')",
            "none",
            "api.pusherapp.com by http.client",
        ),
        (f"import requests\nURL = '{URL}'\n", "requests", "by requests"),
        (f"import urllib.request\nURL = '{URL}'\n", "none", "by urllib"),
        (f"URL = '{URL}'\n", None, "an HTTP call of api-eu.pusher.com"),
        (
            f"import urllib.parse, requests\nU = urllib.parse.quote('{URL}')\nrequests.get(U)",
            "requests",
            "by requests",
        ),
    ],
)
def test_http_by_hand(read: Any, code: str, door: str | None, text: str):
    found = only(read({"app.py": code}), "http")
    assert text in found.text
    assert found.door == door
    assert found.severity == ("warning" if door == "none" else "note")
    assert ("refused" in found.advice) == (door in ("none", None))


TWO = """\
import requests, urllib.request
API = "https://api-eu.pusher.com"
def url(p): return f"https://api-eu.pusher.com{p}"
"""


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "def one(): return requests.get(url('/a'))\n"
            "def two(): return urllib.request.urlopen(url('/a'))\n",
            [(4, "requests", "by requests"), (5, "none", "by urllib")],
        ),
        ("urllib.request.urlopen(url('/a'))\n", [(4, "none", "by urllib")]),
        ("urllib.request.urlopen(API + path)\n", [(4, "none", "by urllib")]),
        ("urllib.request.Request(url=API + path)\n", [(4, "none", "by urllib")]),
        (
            "class A:\n    def at(self): return API\n"
            "    def go(self): urllib.request.urlopen(self.at())\n",
            [(6, "none", "by urllib")],
        ),
        ("urllib.request.urlopen(other.at())\n", [(4, "none", "by urllib")]),
        ("from other import at\nrequests.get(at())\n", [(5, "requests", "by requests")]),
    ],
)
def test_an_address_that_a_function_makes(read: Any, code: str, told: list[tuple[int, str, str]]):
    other = "import os\nHOST = 'https://api-eu.pusher.com'\ndef at(): return os.path.join(HOST)\n"
    found = all_of(read({"app.py": f"import other\n{TWO}{code}", "other.py": other}), "http")
    found = [one for one in found if one.path == "app.py" and "urllib or" not in one.text]
    named = [one for one in found if not one.others]
    assert [(one.line - 1, one.door) for one in named] == [one[:2] for one in told]
    assert all(part in one.text for one, (_, _, part) in zip(named, told, strict=True))


def test_a_docstring_is_no_address(read: Any):
    code = (
        "import requests\ndef at(p):\n"
        '    """Not https://api-eu.pusher.com but ours."""\n    return OURS + p\n'
        "requests.get(at('/a'))\n"
    )
    assert all_of(read({"app.py": code}), "http") == []


def test_every_library_that_may_call_is_named(read: Any):
    code = f"import httpx, requests\nfrom urllib import request\nURL = '{URL}'\n"
    report = read({"app.py": code})
    found = only(report, "http")
    assert found.text == "an HTTP call of api-eu.pusher.com by requests or httpx or urllib"
    assert (found.door, found.others) == ("requests", ("httpx", "none"))
    assert (found.severity, "refused" in found.advice) == ("warning", True)
    assert report.perhaps_not_caught == (found,)
    found = only(read({"app.py": f"import httpx, requests\nURL = '{URL}'\n"}), "http")
    assert (found.door, found.others, found.severity) == ("requests", ("httpx",), "note")


@pytest.mark.parametrize("call", ["urllib.request.urlopen(target)", "urllib.request.urlopen(f(x))"])
def test_a_library_without_a_door_beside_a_host(read: Any, call: str):
    code = f"import requests, urllib.request\nrequests.get('{URL}')\n{call}\n"
    report = read({"app.py": code})
    first, second = all_of(report, "http")
    assert (first.door, first.others) == ("requests", ())
    assert (second.line, second.door, second.others) == (3, None, ("none",))
    assert second.text == "a call by urllib, beside api-eu.pusher.com"
    assert "it may not be caught" in second.advice
    assert report.perhaps_not_caught == (second,)
    assert "has a door" in read({"app.py": code, "pytest.ini": INI}).advice.text


INI = "[pytest]\npusher_mock_autouse = true\npusher_mock_intercept = all\n"


@pytest.mark.parametrize(
    "code",
    [
        f"import requests, urllib.request\nrequests.get('{URL}')\n"
        "urllib.request.urlopen('https://example.com')\n",
        "import urllib.request\nurllib.request.urlopen(target)  # pusher\n",
        "import pusher, urllib.request\nurllib.request.urlopen(target)\n"
        "c = pusher.Pusher('1', 'k', 's', host='api-eu.pusher.com')\n",
        f"import requests, http\nrequests.get('{URL}')\nhttp.HTTPMethod(x)\n",
    ],
)
def test_a_library_without_a_door_for_something_else(read: Any, code: str):
    assert read({"app.py": code}).perhaps_not_caught == ()


WS = "wss://ws-eu.pusher.com/app/KEY?protocol=7"


@pytest.mark.parametrize(
    ("code", "door"),
    [
        (f"import websocket\nwebsocket.WebSocketApp('{WS}')", "websocket"),
        (f"import websocket\nwebsocket.create_connection('{WS}')", "websocket"),
        (f"import websockets\nasync def f():\n    await websockets.connect('{WS}')", "websocket"),
        (f"import aiohttp\nasync def f(s):\n    await s.ws_connect('{WS}')", "aiohttp"),
        ("import websocket\nURL = 'ws://ws.pusherapp.com:80/app/K'\n", "websocket"),
        (f"import requests, websockets\nURL = '{WS}'\n", "websocket"),
        (f"import tornado.websocket\nURL = '{WS}'\n", "none"),
        (f"import requests\nURL = '{WS}'\n", None),
        (f"URL = '{WS}'\n", None),
    ],
)
def test_websockets_by_hand(read: Any, code: str, door: str | None):
    found = only(read({"feed.py": code}), "websocket")
    assert found.door == door
    assert "a WebSocket to ws" in found.text


@pytest.mark.parametrize(
    "code",
    [
        "HELP = 'Hosts besides *.pusherapp.com'",
        "DOCS = 'https://pusher.com/docs/channels'",
        "JS = 'https://js.pusher.com/8.4.0/pusher.min.js'",
        '"""Calls https://api-eu.pusher.com/apps/1\n\nand more."""',
        "import requests\nrequests.get('https://example.com/pusher')",
        "import pusher\nc = pusher.Pusher('1', 'k', 's', host='api-eu.pusher.com')",
    ],
)
def test_what_is_no_call(read: Any, code: str):
    report = read({"app.py": code})
    assert [one for one in report.findings if one.kind in ("http", "websocket")] == []


@pytest.mark.parametrize("library", ["responses", "respx", "requests_mock", "httpretty"])
def test_stubs_of_tests(read: Any, library: str):
    code = f"import {library}\n\ndef test_it():\n    {library}.post('{URL}')\n"
    found = only(read({"tests/test_a.py": code}), "stub")
    assert found.text == f"api-eu.pusher.com is answered by hand, with {library}"
    assert found.door is None


@pytest.mark.parametrize(
    ("code", "misses"),
    [
        ("patch('pusher.Pusher')", "clients that were built before"),
        ("patch('shop.views.Pusher')", "clients that were built before"),
        ("patch('shop.pusher_config.Pusher')", "clients that were built before"),
        ("mock.patch('pusher.Pusher.trigger')", "trigger_batch()"),
        ("mocker.patch('pusher.pusher.Pusher.trigger_batch')", "trigger_batch()"),
        ("patch('shop.views.pusher_client.trigger')", "other clients"),
        ("patch.object(pusher.Pusher, 'trigger')", "trigger_batch()"),
        ("patch.object(client, name)", None),
        ("patch.object(client)", None),
        ("monkeypatch.setattr('pusher.Pusher.trigger', f)", "trigger_batch()"),
        ("monkeypatch.setattr(views.pusher_client, 'trigger', f)", "other clients"),
        ("patch.dict(sys.modules, {'pusher': m, 'x': m, **more})", "imported the SDK before"),
        ("patch.dict('sys.modules', {'pusher.errors': m})", "imported the SDK before"),
        ("patch.dict(os.environ, {'PUSHER_KEY': 'k'})", None),
        ("patch.dict()", None),
        ("monkeypatch.setitem(sys.modules, 'pysher', m)", "imported the SDK before"),
        ("patch.dict(sys.modules)", None),
        ("patch('pusher_mock.mock.PusherMock')", None),
        ("patch('requests.post')", None),
        ("patch('pusher')", None),
        ("patch(target)", None),
        ("patch()", None),
    ],
)
def test_patches(read: Any, code: str, misses: str | None):
    head = "import sys, os, pusher\nfrom unittest import mock\nfrom unittest.mock import patch\n"
    found = all_of(read({"tests/test_a.py": f"{head}{code}\n"}), "patch")
    if misses is None:
        assert found == []
    else:
        [one] = found
        assert misses in one.text
        assert (one.line, one.severity) == (4, "warning")


def test_a_module_put_in_place(read: Any):
    code = "import sys\nsys.modules['pusher'] = object()\nsys.modules['x'] = 1\nx['pusher'] = 2\n"
    assert "sys.modules['pusher'] is patched" in only(read({"tests/test_a.py": code}), "patch").text


def test_settings_that_change_too_late(read: Any):
    test = (
        "from django.test import override_settings\n"
        "@override_settings(PUSHER_KEY='x', DEBUG=True)\ndef test_it(): ...\n"
        "@override_settings(PUSHER_ENABLED=False, **more)\ndef test_it(): ...\n"
    )
    alone = only(read({"tests/test_a.py": test}), "override")
    assert (alone.severity, alone.text) == ("note", "PUSHER_KEY changed for a test")
    found = only(read({"tests/test_a.py": test, "shop/rt.py": CLIENT}), "override")
    assert found.severity == "warning"
    assert "the client of shop/rt.py:2 was built before and keeps the old value" in found.text
