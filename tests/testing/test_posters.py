"""Posters: what pysher posts to an ``auth_endpoint`` reaches a framework's test client."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import flask
import pytest
import requests

from pusher_mock.testing import Posted, django_poster, flask_poster

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pusher_mock import PusherMock


class DjangoClient:
    """Has the part of ``django.test.Client`` that is used, and notes the call."""

    def __init__(self, status: int, body: str) -> None:
        self.answer = SimpleNamespace(status_code=status, getvalue=body.encode)
        self.called: dict[str, Any] = {}

    def post(self, path: str, **options: Any) -> Any:
        self.called = {"path": path, **options}
        return self.answer


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/pusher/auth", "/pusher/auth"),
        ("http://testserver/pusher/auth", "/pusher/auth"),
        ("https://app.test:8000/pusher/auth?tenant=1&x=%2F", "/pusher/auth?tenant=1&x=%2F"),
        ("http://app.test", "/"),
        ("http://app.test?a=1", "/?a=1"),
    ],
)
def test_scheme_and_host_are_left_out(url: str, path: str):
    client = DjangoClient(200, "{}")
    django_poster(client)(url, data={})
    assert client.called["path"] == path


@pytest.mark.parametrize(
    "data",
    [
        {"channel_name": "private-c", "socket_id": "1.1"},
        {"channel_name": "presence-zażółć &=", "socket_id": "1.1", "user_data": {"a": 1, "b": 2}},
        {"user_data": {}, "none": None, "list": ["a", None, 1], "number": 1.5, "flag": True},
        {"bytes": b"\xff\x00", "tuple": ("a", "b")},
    ],
)
def test_the_form_is_encoded_as_requests_encodes_it(data: Mapping[str, Any]):
    # facts 5.2.15: of a nested dict only the keys are sent
    client = DjangoClient(200, "{}")
    django_poster(client)("/", data=data, headers={"X-A": "b"})
    prepared = requests.Request("POST", "http://h/", data=data).prepare()
    assert client.called["data"] == (prepared.body or "")
    assert client.called["content_type"] == "application/x-www-form-urlencoded"
    assert client.called["headers"] == {"X-A": "b"}


def test_headers_may_be_missing():
    client = DjangoClient(200, "{}")
    django_poster(client)("/", data={})
    django_poster(client)("/", data={}, headers=None)
    assert client.called["headers"] == {}


def test_what_is_answered():
    answer = django_poster(DjangoClient(403, "Forbidden ł"))("/", data={})
    assert (answer.status_code, answer.text) == (403, "Forbidden ł")
    assert repr(answer) == "<Posted 403 'Forbidden ł'>"
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()
    assert Posted(200, '{"auth": "k:s"}').json() == {"auth": "k:s"}


def application(mock: PusherMock) -> Any:
    app = flask.Flask(__name__)
    server = mock.server()

    @app.post("/pusher/auth")
    def authorize() -> Any:
        form = flask.request.form
        if flask.request.headers.get("X-User") != "ada":
            return "Forbidden", 403
        return server.authenticate(form["channel_name"], form["socket_id"])

    return app


def test_a_flask_application_authorizes_a_client(pusher_mock: PusherMock):
    client = pusher_mock.client(
        connect=True,
        auth_endpoint="http://app.test/pusher/auth",
        auth_endpoint_headers={"X-User": "ada"},
        poster=flask_poster(application(pusher_mock).test_client()),
    )
    heard: list[str] = []
    client.subscribe("private-c").bind("e", heard.append)
    pusher_mock.server().trigger("private-c", "e", "x")
    assert heard == ["x"]


def test_a_flask_application_that_refuses(pusher_mock: PusherMock):
    # facts 5.2.16
    client = pusher_mock.client(
        connect=True,
        auth_endpoint="/pusher/auth",
        poster=flask_poster(application(pusher_mock).test_client()),
    )
    with pytest.raises(AssertionError, match="Failed to get auth token from /pusher/auth"):
        client.subscribe("private-c")
    assert pusher_mock.server().channel_info("private-c") == {"occupied": False}


def test_django_itself():
    from django.http import HttpResponse, StreamingHttpResponse

    kind = "application/json; charset=utf-8"
    whole = HttpResponse(b'{"auth": "k:s"}', content_type=kind)
    parts = StreamingHttpResponse([b'{"auth"', b': "k:s"}'], content_type=kind)
    for answer in (whole, parts):
        client = SimpleNamespace(post=lambda *_, answer=answer, **__: answer)
        assert django_poster(client)("/", data={}).json() == json.loads('{"auth": "k:s"}')
