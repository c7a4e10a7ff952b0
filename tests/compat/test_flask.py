"""The Flask extension."""

import base64
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import flask
import pusher as sdk
import pytest
from tests.versions import needs_users

from compat import ConfigurationError, frontend_config, get_pusher_server, is_mocked, pusher_server
from compat.flask import Pusher
from pusher_mock import App, MockPusherServer, PusherMock, Webhook

TIMEOUT_S = 60
KEYS = {"PUSHER_APP_ID": "12", "PUSHER_KEY": "k", "PUSHER_SECRET": "s", "PUSHER_CLUSTER": "eu"}


def app_of(extension: Pusher, **config: object) -> flask.Flask:
    app = flask.Flask("test")
    app.config.update({"TESTING": True, "USE_MOCKS": True, **KEYS, **config})
    extension.init_app(app)
    return app


@pytest.fixture
def pusher() -> Pusher:
    return Pusher()


@pytest.fixture
def app(pusher: Pusher, pusher_mock: PusherMock) -> flask.Flask:
    return app_of(pusher)


def post(app: flask.Flask, address: str, **fields: str) -> tuple[int, Any]:
    answer = app.test_client().post(f"/pusher/{address}", data={"socket_id": "1.2", **fields})
    return answer.status_code, answer.json


# Initialising ------------------------------------------------------------------------------------


def test_it_may_be_made_with_the_application(pusher_mock: PusherMock):
    app = flask.Flask("test")
    extension = Pusher(app, url_prefix="/realtime")
    assert app.extensions["pusher"] is extension
    rules = {str(rule) for rule in app.url_map.iter_rules()}
    assert {"/realtime/auth", "/realtime/user-auth", "/realtime/webhook"} <= rules


def test_without_views(pusher_mock: PusherMock):
    app = app_of(Pusher(url_prefix=None))
    assert not [rule for rule in app.url_map.iter_rules() if "auth" in str(rule)]
    with app.test_request_context():
        assert app.extensions["pusher"].page_config() == {"key": "k", "cluster": "eu"}


def test_a_module_level_client_follows_the_application(pusher: Pusher, pusher_mock: PusherMock):
    one, two = app_of(pusher, PUSHER_KEY="one"), app_of(pusher, PUSHER_KEY="two")
    with one.app_context():
        assert frontend_config()["key"] == "one"
        pusher.trigger("c", "e", {"n": 1})
    with two.app_context():
        pusher.server.trigger("c", "e", {"n": 2})
        two.config["USE_MOCKS"] = False
        assert pusher_server.__class__ is sdk.Pusher
        two.config["USE_MOCKS"] = True
        assert pusher_server.__class__ is MockPusherServer
    assert [one.data["n"] for one in pusher_mock.published()] == [1, 2]
    assert frontend_config()["key"] == "two"  # outside of both, the last one initialised


@pytest.mark.usefixtures("real")
def test_an_application_that_is_gone_does_not_count(pusher: Pusher):
    app = app_of(pusher, PUSHER_KEY="one", USE_MOCKS=False)
    assert frontend_config()["key"] == "one"
    del app
    gc.collect()
    assert frontend_config()["key"] == "real-key"


@needs_users
def test_hooks_may_be_given_at_once(pusher_mock: PusherMock):
    extension = Pusher(authorize=lambda name: name == "private-a", user_data=lambda: {"id": "7"})
    app = app_of(extension)
    assert post(app, "auth", channel_name="private-a")[0] == 200
    assert post(app, "auth", channel_name="private-b")[0] == 403
    assert json.loads(post(app, "user-auth")[1]["user_data"]) == {"id": "7"}


def test_what_it_looks_like(pusher: Pusher):
    assert repr(pusher) == "<Pusher url_prefix='/pusher' authorize=nobody webhooks=0>"

    @pusher.authorize
    def may_listen(channel_name: str) -> bool:
        return True

    pusher.webhook(print)
    assert repr(pusher) == "<Pusher url_prefix='/pusher' authorize=may_listen webhooks=1>"


@pytest.mark.usefixtures("real")
def test_the_environment_and_the_configuration(
    pusher: Pusher, monkeypatch: pytest.MonkeyPatch, pusher_settings: Any
):
    app = app_of(pusher, USE_MOCKS=None, PUSHER_KEY=None)
    with app.app_context():
        assert get_pusher_server().__class__ is sdk.Pusher
        assert frontend_config() == {"key": "real-key", "cluster": "eu"}
        monkeypatch.setenv("USE_MOCKS", "true")
        assert get_pusher_server().__class__ is MockPusherServer
        app.config["USE_MOCKS"] = False  # beats the environment
        assert not is_mocked()
        pusher_settings(use_mocks=True)  # beats both
        assert is_mocked()


# Authorization -----------------------------------------------------------------------------------


def test_without_a_rule_everybody_is_refused(app: flask.Flask):
    status, body = post(app, "auth", channel_name="private-a")
    assert status == 403
    assert "@pusher.authorize" in body["error"]


def test_rules(app: flask.Flask, pusher: Pusher):
    @pusher.authorize
    def rule(channel_name: str) -> Any:
        if channel_name == "presence-room":
            return {"user_id": 7}
        if channel_name == "private-abort":
            flask.abort(403, "not today")
        return channel_name == "private-yes"

    assert rule("private-yes") is True  # it stays what it was
    with app.app_context():
        signed = get_pusher_server().authenticate("private-yes", "1.2")
    assert post(app, "auth", channel_name="private-yes") == (200, signed)
    assert post(app, "auth", channel_name="private-no")[0] == 403
    assert post(app, "auth", channel_name="private-abort") == (403, {"error": "not today"})
    status, body = post(app, "auth", channel_name="presence-room")
    assert (status, json.loads(body["channel_data"])) == (200, {"user_id": "7"})
    assert post(app, "auth")[0] == 400
    batch = {"channel_name[0]": "private-yes", "channel_name[1]": "private-no"}
    status, body = post(app, "auth", **batch)
    assert status == 200
    assert {name: one["status"] for name, one in body.items()} == {
        "private-yes": 200,
        "private-no": 403,
    }


def test_a_refusal_without_words(app: flask.Flask, pusher: Pusher):
    from werkzeug.exceptions import Forbidden

    class Silent(Forbidden):
        description = None  # type: ignore[assignment]

    @pusher.authorize
    def rule(channel_name: str) -> bool:
        raise Silent

    assert post(app, "auth", channel_name="private-a")[1]["error"].startswith("not allowed")


def test_a_redirect_to_the_login_page_refuses(app: flask.Flask, pusher: Pusher):
    """As Flask-Login's `login_required` around the rule does."""
    refused = (403, {"error": "log in first"})
    pusher.authorize(lambda channel_name: flask.redirect("/login"))
    pusher.user_data(lambda: flask.redirect("/login"))
    assert post(app, "auth", channel_name="private-a") == refused
    assert post(app, "auth", channel_name="presence-a") == refused
    assert post(app, "user-auth") == (403, {"error": "not signed in"})


@pytest.mark.parametrize("answer", [0, "", [], set(), None])
def test_what_counts_as_false_refuses(answer: Any, app: flask.Flask, pusher: Pusher):
    pusher.authorize(lambda channel_name: answer)
    assert post(app, "auth", channel_name="private-a")[0] == 403


@pytest.mark.parametrize("answer", [1, ("no", 403), object()])
def test_what_is_no_answer_is_not_signed(answer: Any, app: flask.Flask, pusher: Pusher):
    pusher.authorize(lambda channel_name: answer)
    pusher.user_data(lambda: answer)
    with pytest.raises(TypeError, match=r"returned .* for private-a: write bool"):
        post(app, "auth", channel_name="private-a")
    with pytest.raises(TypeError, match="has to return a mapping with an id"):
        post(app, "user-auth")


@needs_users
def test_coroutines_are_awaited(app: flask.Flask, pusher: Pusher):
    pytest.importorskip("asgiref")

    @pusher.authorize
    async def rule(channel_name: str) -> bool:
        return channel_name == "private-yes"

    @pusher.user_data
    async def who() -> dict[str, object]:
        return {"id": 7}

    assert post(app, "auth", channel_name="private-yes")[0] == 200
    assert post(app, "auth", channel_name="private-no")[0] == 403
    assert json.loads(post(app, "user-auth")[1]["user_data"]) == {"id": "7"}


def test_a_batch_that_is_too_large(app: flask.Flask):
    names = {f"channel_name[{n}]": f"private-{n}" for n in range(101)}
    status, body = post(app, "auth", **names)
    assert (status, body) == (400, {"error": "101 channels at once, at most 100 are allowed"})


def test_a_batch_with_an_endless_number(app: flask.Flask):
    assert post(app, "auth", **{f"channel_name[{'1' * 5000}]": "private-a"})[0] == 400


def test_an_encrypted_channel(app: flask.Flask, pusher: Pusher):
    pusher.authorize(lambda channel_name: True)
    app.config["PUSHER_ENCRYPTION_MASTER_KEY_BASE64"] = base64.b64encode(bytes(32)).decode()
    assert post(app, "auth", channel_name="private-encrypted-a")[0] == 200
    app.config["PUSHER_ENCRYPTION_MASTER_KEY_BASE64"] = None
    with pytest.raises(ConfigurationError, match="private-encrypted-a is encrypted: set PUSHER_"):
        post(app, "auth", channel_name="private-encrypted-a")


@needs_users
def test_signing_in(app: flask.Flask, pusher: Pusher):
    assert post(app, "user-auth") == (403, {"error": "not signed in"})

    @pusher.user_data
    def who() -> dict[str, object]:
        if flask.request.form["socket_id"] == "3.4":
            flask.abort(403)
        return {"id": 7}

    status, body = post(app, "user-auth")
    assert (status, json.loads(body["user_data"])) == (200, {"id": "7"})
    assert post(app, "user-auth", socket_id="3.4")[0] == 403
    assert post(app, "user-auth", socket_id="x")[0] == 400


# Webhooks ----------------------------------------------------------------------------------------

HOOKED = App(id="12", key="k", secret="s", webhooks=(Webhook("https://test/pusher/webhook"),))


@pytest.mark.pusher_mock(apps=[HOOKED])
def test_webhooks(app: flask.Flask, pusher: Pusher, pusher_mock: PusherMock):
    every: list[str] = []
    joined: list[str] = []

    @pusher.webhook
    def all_of_them(event: dict[str, Any]) -> None:
        every.append(event["name"])

    @pusher.webhook("member_added")
    def one_kind(event: dict[str, Any]) -> None:
        joined.append(event["user_id"])

    assert (all_of_them.__name__, one_kind.__name__) == ("all_of_them", "one_kind")
    member = {"user_id": "7"}
    pusher_mock.client(connect=True, user_data=member).subscribe("presence-room")
    client = app.test_client()
    for hook in pusher_mock.webhooks():
        headers = dict(hook.headers)
        assert client.post("/pusher/webhook", data=hook.body, headers=headers).status_code == 200
        headers["X-Pusher-Signature"] = "0" * 64
        assert client.post("/pusher/webhook", data=hook.body, headers=headers).status_code == 401
    assert (every, joined) == (["channel_occupied", "member_added"], ["7"])


@pytest.mark.pusher_mock(apps=[HOOKED])
def test_a_function_that_raises_gets_the_webhook_again(
    app: flask.Flask, pusher: Pusher, pusher_mock: PusherMock
):
    pusher.webhook(lambda event: {}[event["name"]])
    pusher_mock.client(connect=True).subscribe("room")
    [hook] = pusher_mock.webhooks()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().post("/pusher/webhook", data=hook.body, headers=dict(hook.headers))
    assert answer.status_code == 500


def test_how_flask_wtf_is_told_to_let_webhooks_through(app: flask.Flask, pusher: Pusher):
    """It compares module and name of the exempted function with those of the endpoint's."""
    views = {name: app.view_functions[f"pusher.{name}"] for name in ("auth", "webhook")}
    names = {name: f"{view.__module__}.{view.__name__}" for name, view in views.items()}
    assert names["webhook"] == f"{pusher.webhook_view.__module__}.{pusher.webhook_view.__name__}"
    assert names["webhook"] != names["auth"]


# The page ----------------------------------------------------------------------------------------


def test_templates(app: flask.Flask, pusher_mock: PusherMock):
    template = "{{ pusher_config() | tojson }}|{{ pusher_is_mocked() }}"
    with app.test_request_context():
        config, mocked = flask.render_template_string(template).split("|")
    found = json.loads(config)
    assert found["channelAuthorization"] == {
        "endpoint": "/pusher/auth",
        "transport": "ajax",
        "headers": {},
    }
    assert found["userAuthentication"]["endpoint"] == "/pusher/user-auth"
    assert mocked == "True"
    app.jinja_env.globals["csrf_token"] = lambda: "token"  # as Flask-WTF does
    with app.test_request_context():
        config = flask.render_template_string(template).split("|")[0]
    assert json.loads(config)["channelAuthorization"]["headers"] == {"X-CSRFToken": "token"}


# Outside of a test ------------------------------------------------------------------------------

SERVED = """
    import flask
    from compat import MocksRefused, pusher_server
    from compat.flask import Pusher

    pusher = Pusher()

    def create_app():
        app = flask.Flask(__name__)
        pusher.init_app(app)

        @app.get("/")
        def publish():
            try:
                pusher_server.trigger("c", "e", {})
            except MocksRefused as error:
                return str(error), 500
            return "published"

        @app.cli.command("hello")
        def hello():
            print("hello")

        return app
"""


def run(folder: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )


BANNER = "USE_MOCKS is on: Pusher calls stay in this process"


def environment(**variables: str) -> dict[str, str]:
    ours = ("PUSHER_", "FLASK_", "PYTEST_", "USE_MOCKS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | variables


def write_application(folder: Path) -> None:
    (folder / "served.py").write_text(textwrap.dedent(SERVED))


@contextmanager
def served(folder: Path, *options: str, **variables: str) -> Iterator[tuple[str, list[str]]]:
    """Run `flask run` on a free port; yield its address and what it says."""
    write_application(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-u", "-m", "flask", "--app", "served", *options),
            *("run", "--host", "127.0.0.1", "--port", str(port)),
        ],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    # The reloader says where it runs before the process that answers is there.
    ready = "Debugger is active" if "--debug" in options else "Running on"
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if ready in line:
                break
        yield f"http://127.0.0.1:{port}/", said
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=TIMEOUT_S)


@pytest.mark.enable_socket
def test_flask_run_in_development(tmp_path: Path):
    with served(tmp_path, "--debug", USE_MOCKS="true") as (url, said), urlopen(url) as answer:
        assert answer.read() == b"published"
    assert "".join(said).count(BANNER) == 1


def test_another_command_of_flask_says_nothing(tmp_path: Path):
    write_application(tmp_path)
    allowed = {"USE_MOCKS": "true", "USE_MOCKS_WITHOUT_DEBUG": "true"}
    done = run(tmp_path, "-m", "flask", "--app", "served", "hello", **allowed)
    assert (done.stdout, done.stderr) == ("hello\n", "")


def test_in_a_test_without_pytest_nothing_is_said(tmp_path: Path):
    code = """
    import flask
    from compat.flask import Pusher
    app = flask.Flask("test")
    app.config["TESTING"] = True
    Pusher(app)
    """
    done = run(tmp_path, "-c", textwrap.dedent(code), USE_MOCKS="true")
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.enable_socket
def test_flask_run_in_production_refuses(tmp_path: Path):
    with served(tmp_path, USE_MOCKS="true") as (url, said):
        with pytest.raises(HTTPError) as refused:
            urlopen(url)
        text = refused.value.read().decode()
        refused.value.close()
    assert "DEBUG is off in the Flask configuration" in text
    assert "run flask with --debug, or set TESTING = True in a test" in text
    assert BANNER not in "".join(said)


@pytest.mark.enable_socket
def test_flask_run_allowed_by_name(tmp_path: Path):
    allowed = {"USE_MOCKS": "true", "USE_MOCKS_WITHOUT_DEBUG": "true"}
    with served(tmp_path, **allowed) as (url, said), urlopen(url) as answer:
        assert answer.read() == b"published"
    assert "".join(said).count(BANNER) == 1


@pytest.mark.parametrize(
    ("config", "expected"),
    [("DEBUG=True", "MockPusherServer"), ("TESTING=True", "MockPusherServer"), ("", "refused")],
)
def test_the_guard(config: str, expected: str, tmp_path: Path):
    code = f"""
    import flask
    from compat import MocksRefused, get_pusher_server
    from compat.flask import Pusher
    app = flask.Flask("test")
    app.config.update({config})
    Pusher(app)
    for context in (app.app_context(), __import__("contextlib").nullcontext()):
        with context:
            try:
                print(type(get_pusher_server()).__name__)
            except MocksRefused:
                print("refused")
    """
    done = run(tmp_path, "-c", textwrap.dedent(code), USE_MOCKS="true")
    assert done.stdout == f"{expected}\n" * 2, done.stderr


@pytest.mark.parametrize(
    ("variables", "block", "expected"),
    [
        ({"USE_MOCKS": "true"}, "PusherMock()", "MockPusherServer\nrefused\n"),
        ({"USE_MOCKS": "true"}, "override(use_mocks=True)", "MockPusherServer\nrefused\n"),
        (
            {"USE_MOCKS": "true", "PYTEST_VERSION": "9"},
            "PusherMock()",
            "MockPusherServer\nMockPusherServer\n",
        ),
    ],
)
def test_what_lifts_the_guard(variables: dict[str, str], block: str, expected: str, tmp_path: Path):
    code = f"""
    import contextlib, flask
    from compat import MocksRefused, get_pusher_server, override
    from compat.flask import Pusher
    from pusher_mock import PusherMock
    app = flask.Flask("test")
    Pusher(app)
    for block in ({block}, contextlib.nullcontext()):
        with app.app_context(), block:
            try:
                print(type(get_pusher_server()).__name__)
            except MocksRefused:
                print("refused")
    """
    done = run(tmp_path, "-c", textwrap.dedent(code), **variables)
    assert done.stdout == expected, done.stderr


def test_with_mocks_off_there_is_no_banner(tmp_path: Path):
    code = "import flask; from compat.flask import Pusher; Pusher(flask.Flask('test'))"
    done = run(tmp_path, "-c", code, PUSHER_APP_ID="1", PUSHER_KEY="k", PUSHER_SECRET="s")
    assert (done.returncode, done.stderr) == (0, "")
