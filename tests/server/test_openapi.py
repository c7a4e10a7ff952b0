"""The HTTP API against its document, with whatever schemathesis makes of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from pusher_mock import App, PusherMock
from pusher_mock.engine import http_api
from pusher_mock.server import create_app

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "http-api.openapi.yaml"
CONTENT = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
# Signing is done below, for everything: what is looked for is behind it.
UNSIGNED = {name: part for name, part in CONTENT.items() if name != "security"}
KEY, SECRET = "mock-pusher-key", "mock-pusher-secret"
AUTH = {"auth_key", "auth_timestamp", "auth_version", "auth_signature", "body_md5"}


class Signing:
    """Serves the document, and signs what is meant for the application behind it."""

    def __init__(self) -> None:
        app = App("1", KEY, SECRET, subscription_count=True)
        self.mock = PusherMock(apps=[app], history=10)
        self._app = create_app(self.mock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == "/openapi.json":
            body = json.dumps(UNSIGNED).encode()
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        else:
            message = await receive()
            body = message.get("body", b"")

            async def again() -> Message:
                return message

            await self._app({**scope, **sign(scope, body)}, again, send)


def sign(scope: Scope, body: bytes) -> dict[str, Any]:
    """Path and query of the request, with the right app and the right signature."""
    raw = scope["raw_path"].split(b"?")[0].decode("latin-1")
    # The app is not what is being looked for here.
    parts = raw.split("/")
    if len(parts) > 2:
        parts[2] = "1"
    path = "/".join(parts)
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = {name.lower(): value for name, value in given if name.lower() not in AUTH}
    query |= {"auth_key": KEY, "auth_version": "1.0", "auth_timestamp": str(int(time.time()))}
    if body:
        query["body_md5"] = hashlib.md5(body).hexdigest()
    text = f"{scope['method']}\n{path}\n" + "&".join(f"{n}={query[n]}" for n in sorted(query))
    query["auth_signature"] = hmac.new(
        SECRET.encode(), text.encode("utf-8", "surrogateescape"), "sha256"
    ).hexdigest()
    return {"raw_path": path.encode("latin-1"), "query_string": urlencode(query).encode()}


SIGNING = Signing()
schema = schemathesis.openapi.from_asgi("/openapi.json", SIGNING)
FUZZ = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schema.parametrize()
@FUZZ
def test_answers_are_what_the_document_says(case: Any):
    """No 500, no undocumented status, no body of another shape, whatever is asked."""
    # A document cannot say that `users` wants a presence channel: valid requests may be refused.
    case.call_and_validate(excluded_checks=[positive_data_acceptance])


@schema.parametrize()
@FUZZ
def test_refusals_are_text_that_ends_with_a_newline(case: Any):
    """facts 2.1.4."""
    answer = case.call()
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == ["text/plain; charset=utf-8"]
        assert answer.text.endswith("\n")


@pytest.fixture(scope="module", autouse=True)
def it_still_answers() -> Any:
    yield
    with TestClient(SIGNING) as client:
        assert client.get("/apps/1/channels").json() == {"channels": {}}


def test_every_route_of_the_engine_is_in_the_document():
    documented = {
        (tuple("*" if "{" in word else word for word in path.split("/")[3:]), method.upper())
        for path, operations in CONTENT["paths"].items()
        for method in operations
        if method != "parameters"
    }
    served = {(words, method) for words, methods in http_api._ROUTES.items() for method in methods}
    assert documented == served
