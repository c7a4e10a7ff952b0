"""``pusher-mock serve`` up to where it listens, and what it says."""

from __future__ import annotations

import logging
import signal
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import App, AppKey
from pusher_mock.cli import foreground
from pusher_mock.cli.greeting import greeting, local_url
from pusher_mock.core import DEFAULT_APP

if TYPE_CHECKING:
    from pathlib import Path

SHOP = App("42", "shop-key", "hunter2", keys=(AppKey("more", "x"), AppKey("old", "x", False)))


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would have been served; it is ready at once, at port 6500 for 0, and then ends."""
    calls: list[dict[str, Any]] = []

    def serve(app: Any, host: str, port: int, ready: Any, **options: Any) -> None:
        calls.append({"app": app, "host": host, "port": port, **options})
        ready(port or 6500)

    monkeypatch.setattr(foreground, "serve_until_stopped", serve)
    return calls


def apps_of(call: dict[str, Any]) -> list[App]:
    return [one.config for one in call["app"].gateway.mock.core.engine.state.apps.values()]


def test_by_default(run: Any, served: list[dict[str, Any]]):
    result = run("serve")
    assert (result.exit_code, result.stderr) == (0, "")
    ready, app, javascript, _, *environment = result.stdout.splitlines()
    assert ready.endswith(" is ready at http://127.0.0.1:6001 (Ctrl-C stops it)")
    assert app.startswith("  app ")
    assert app.endswith(" mock-app-id or 1: key mock-pusher-key, secret mock-pusher-secret")
    assert javascript.endswith(
        'new Pusher("mock-pusher-key", {"cluster": "mock-cluster", "wsHost": "127.0.0.1", '
        '"wsPort": 6001, "forceTLS": false, "enabledTransports": ["ws"]})'
    )
    assert environment == ["USE_MOCKS=true", "PUSHER_MOCK_URL=http://127.0.0.1:6001"]
    [call] = served
    assert (call["host"], call["port"], call["certfile"]) == ("127.0.0.1", 6001, None)
    mock = call["app"].gateway.mock
    assert apps_of(call) == [DEFAULT_APP]
    assert not mock.core.engine.state.open_registry
    assert mock.journal.size == 1_000
    assert mock.core.closed


def test_apps_of_ones_own(run: Any, served: list[dict[str, Any]]):
    words = ["--app", "42:shop-key:hunter2:x", "--app", "blog:blog-key:hunter3", "--port", "0"]
    result = run("serve", *words, "--webhook", "http://127.0.0.1/hook", "--no-client-events")
    assert result.exit_code == 0
    assert "hunter" not in result.output
    lines = result.stdout.splitlines()
    assert lines[1].endswith("42: key shop-key")
    assert lines[2].endswith("blog or 1: key blog-key")
    assert lines[-2:] == ["PUSHER_APP_ID=42", "PUSHER_KEY=shop-key"]
    shop, blog = apps_of(served[0])
    assert (shop.secret, shop.aliases, blog.aliases) == ("hunter2:x", (), ("1",))
    assert [hook.url for hook in blog.webhooks] == ["http://127.0.0.1/hook"]
    assert not shop.client_events
    run("serve", "--app", "42:shop-key:hunter2")
    assert apps_of(served[1])[0].client_events


def test_apps_of_a_file(run: Any, served: list[dict[str, Any]], tmp_path: Path):
    file = tmp_path / "apps.toml"
    file.write_text('[[apps]]\nid = "7"\nkey = "k"\nsecret = "hunter2"\nwatchlist = true\n')
    assert "hunter2" not in run("serve", "--apps", str(file)).output
    run("serve", "--apps", str(file), "--app", "1:other:x", "--client-events")
    [only], [first, second] = map(apps_of, served)
    assert only.watchlist
    assert not only.client_events
    assert (first.id, second) == ("1", only)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--app", "hunter2"], "--app takes ID:KEY:SECRET"),
        (["--app", "1::hunter2"], "--app takes ID:KEY:SECRET"),
        (["--app", "1:a:x", "--app", "1:b:x"], "app 2: the id 1 is that of app 1 as well"),
        (["--webhook", "shop.example"], "--webhook takes a URL that starts with http://"),
        (["--apps", "none.toml"], "cannot read none.toml"),
        (["--apps", "FILE", "--webhook", "http://x"], "are for apps that are not from a file"),
        (["--apps", "FILE", "--client-events"], "are for apps that are not from a file"),
        (["--self-signed", "--certfile", "x"], "leave --certfile and --keyfile out"),
        (["--self-signed", "--keyfile", "x"], "leave --certfile and --keyfile out"),
        (["--keyfile", "x"], "--keyfile belongs to a --certfile"),
        (["--certfile", "none.pem"], "cannot serve TLS with none.pem: No such file"),
        (["--port", "65536"], "65536"),
        (["--max-connections", "0"], "--max-connections"),
        (["--log-level", "loud"], "loud"),
    ],
)
def test_wrong(words: list[str], said: str, run: Any, served: list[dict[str, Any]], tmp_path: Path):
    file = tmp_path / "apps.json"
    file.write_text('[{"id": "1", "key": "k", "secret": "s"}]')
    result = run("serve", *[str(file) if one == "FILE" else one for one in words])
    assert result.exit_code == 2
    assert said in result.stderr
    assert "hunter2" not in result.output
    assert served == []


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "mybox.example"])
def test_for_the_network(host: str, run: Any, served: list[dict[str, Any]]):
    result = run("serve", "--host", host, "--quiet")
    assert result.stdout == ""
    assert result.stderr.startswith(f"Warning: --host {host}: everybody who reaches this machine")
    assert served[0]["host"] == host


@pytest.mark.parametrize("network", ["flaky-auth", "latency=5 auth_error_rate=0.1"])
def test_weather_that_a_server_does_not_see(network: str, run: Any, served: list[dict[str, Any]]):
    result = run("serve", "--network", network, "--quiet")
    assert result.stderr.startswith(f"Warning: --network {network}: authorizations fail where")
    assert len(served) == 1


def test_weather_that_a_server_sees(run: Any, served: list[dict[str, Any]]):
    assert run("serve", "--network", "mobile", "--quiet").stderr == ""
    assert len(served) == 1


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1"])
def test_for_this_machine(host: str, run: Any, served: list[dict[str, Any]]):
    assert run("serve", "--host", host, "--quiet").output == ""


@pytest.mark.parametrize("quiet", [[], ["--quiet"]])
def test_settings_only(quiet: list[str], run: Any, served: list[dict[str, Any]]):
    result = run("serve", "--port", "0", "--print-env", *quiet)
    assert result.output == "USE_MOCKS=true\nPUSHER_MOCK_URL=http://127.0.0.1:6500\n"


def test_self_signed(run: Any, served: list[dict[str, Any]]):
    result = run("serve", "--self-signed", "--port", "0")
    assert "PUSHER_MOCK_URL=https://127.0.0.1:6500" in result.stdout
    assert '"wssPort": 6500, "forceTLS": true, "enabledTransports": ["ws", "wss"]' in result.stdout
    [trust] = [line for line in result.stdout.splitlines() if line.startswith("  trust ")]
    assert trust.endswith("ca.pem (until the server ends)")
    assert served[0]["certfile"].endswith("server.pem")


def test_a_certificate_of_ones_own(run: Any, served: list[dict[str, Any]]):
    from pusher_mock.server.certificates import self_signed

    with self_signed() as made:
        result = run("serve", "--certfile", made.certfile, "--keyfile", made.certfile)
        assert served[0]["certfile"] == served[0]["keyfile"] == made.certfile
    assert "https://127.0.0.1:6001" in result.stdout
    assert "trust" not in result.stdout


def test_limits(run: Any, served: list[dict[str, Any]]):
    run("serve", "--max-connections", "5")
    assert served[0]["app"].gateway.limits.connections == 5


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:80"), ("::", "http://[::1]:80"), ("::1", "http://[::1]:80")],
)
def test_the_address_for_clients(host: str, url: str):
    assert local_url(host, 80, tls=False) == url


def test_keys_that_are_switched_off_are_not_shown():
    lines = greeting("http://x", "x", 80, [SHOP], None, tls=False)
    assert lines[1].endswith("42: key shop-key, more")


# The log --------------------------------------------------------------------------------------


def test_the_log(run: Any, served: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(foreground, "serve_until_stopped", lambda *args, **options: _log())
    for words, seen in (([], 2), (["--log-level", "info"], 3), (["--log-level", "error"], 0)):
        lines = run("serve", *words).stderr.splitlines()
        assert len(lines) == seen
    said = run("serve").stderr.splitlines()
    assert said[0] == "pusher-mock WARNING: no key \\x1b[2J (keys known here: a)"
    assert said[1] == "pusher-mock WARNING: from uvicorn"


def test_the_level_of_the_environment(
    run: Any, served: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(foreground, "serve_until_stopped", lambda *args, **options: _log())
    monkeypatch.setenv("PUSHER_MOCK_LOG", "info")
    logging.getLogger("pusher_mock").setLevel(logging.INFO)
    assert len(run("serve").stderr.splitlines()) == 3


def _log() -> None:
    logging.getLogger("pusher_mock").info("started")
    logging.getLogger("pusher_mock").warning("no key %s (keys known here: a)", "\x1b[2J")
    logging.getLogger("uvicorn.error").warning("from uvicorn")


# Signals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_it_to_stop(number: signal.Signals):
    asked: list[bool] = []
    before = signal.getsignal(number)
    with foreground._signals(lambda: asked.append(True)):
        signal.raise_signal(number)
    assert asked == [True]
    assert signal.getsignal(number) is before


# The weather -------------------------------------------------------------------------------------


def weather_of(result: Any) -> list[str]:
    return [one for one in result.stdout.splitlines() if one.startswith("  network ")]


def test_bad_weather(run: Any, served: list[dict[str, Any]]):
    result = run("serve", "--network", "lossy", "--seed", "3")
    assert (result.exit_code, result.stderr) == (0, "")
    assert weather_of(result) == ["  network    lossy (seed 3)"]
    mock = served[0]["app"].gateway.mock
    assert (str(mock.network), mock.seed) == ("lossy", 3)


def test_weather_of_the_environment(
    run: Any, served: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PUSHER_MOCK_NETWORK", "latency=10..100 drop_rate=0.01")
    monkeypatch.setenv("PUSHER_MOCK_SEED", "random")
    result = run("serve")
    seed = served[0]["app"].gateway.mock.seed
    assert weather_of(result) == [f"  network    latency=10..100 drop_rate=0.01 (seed {seed})"]
    assert weather_of(run("serve", "--network", "", "--seed", "1")) == []


def test_weather_that_there_is_not(run: Any, served: list[dict[str, Any]]):
    result = run("serve", "--network", "foggy")
    assert (result.exit_code, served) == (2, [])
    assert "there is no network profile 'foggy'; take one of perfect, polling" in result.stderr
    result = run("serve", "--seed", "x")
    assert (result.exit_code, served) == (2, [])
    assert "'x' is neither a whole number nor random" in result.stderr
