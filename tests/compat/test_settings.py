"""What `PusherSettings` accepts, fills in and refuses."""

import pickle
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from compat import ConfigurationError, PusherSettings
from compat.names import SPELLINGS

REAL = {"app_id": "42", "key": "k", "secret": "s"}


def failure(**values: Any) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        PusherSettings(**values)
    return caught.value


@pytest.mark.parametrize("word", ["1", "true", "TRUE", "Yes", "on", " true "])
def test_words_that_switch_mocks_on(word: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("USE_MOCKS", word)
    assert PusherSettings().use_mocks is True


@pytest.mark.parametrize("word", ["0", "false", "FALSE", "No", "off", "", "  "])
def test_words_that_leave_mocks_off(word: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("USE_MOCKS", word)
    assert PusherSettings(**REAL).use_mocks is False


@pytest.mark.parametrize("word", ["maybe", "t", "y", "2", "1.0", "'true'", "enabled"])
def test_any_other_word_is_refused_and_told_what_to_write(
    word: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("USE_MOCKS", word)
    error = failure()
    assert error.use_mocks is None
    assert error.missing == ()  # whether they are missing depends on the switch
    assert f"USE_MOCKS (the environment) is {word!r}: write true or false" in str(error)


def test_a_boolean_argument():
    assert PusherSettings(use_mocks=True).use_mocks is True
    assert "use_mocks is 3: write true" in str(failure(use_mocks=3))


def test_mock_defaults_fill_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_KEY", "mine")
    settings = PusherSettings(use_mocks=True)
    assert settings.app_id == "mock-app-id"
    assert settings.key == "mine"
    assert settings.secret.get_secret_value() == "mock-pusher-secret"
    assert settings.cluster == "mock-cluster"
    assert (settings.host, settings.port, settings.ssl) == (None, None, True)


def test_without_mocks_everything_missing_is_named_at_once():
    error = failure()
    assert error.missing == ("app_id", "key", "secret")
    assert error.use_mocks is False
    assert str(error) == (
        "Pusher is not configured, and USE_MOCKS is off.\n"
        "  - the app id is missing: set PUSHER_APP_ID (also read: PUSHER_APPID)\n"
        "  - the key is missing: set PUSHER_KEY "
        "(also read: PUSHER_APP_KEY, NEXT_PUBLIC_PUSHER_KEY)\n"
        "  - the secret is missing: set PUSHER_SECRET (also read: PUSHER_APP_SECRET)\n"
        "All of them also fit into one PUSHER_URL=http(s)://KEY:SECRET@HOST[:PORT]/apps/APP_ID.\n"
        "Correct this in the settings of your framework, in the environment, or in .env.local "
        "or .env of the current directory, or set USE_MOCKS=true."
    )


def test_wrong_values_stand_in_the_same_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_APP_ID", "my-app")
    monkeypatch.setenv("PUSHER_PORT", "http")
    monkeypatch.setenv("PUSHER_TIMEOUT", "-1")
    monkeypatch.setenv("PUSHER_SCHEME", "ftp")
    monkeypatch.setenv("PUSHER_URL", "nonsense")
    error = failure()
    assert error.missing == ("key", "secret")
    assert error.problems == (
        "PUSHER_SCHEME (the environment): write https or http",
        "PUSHER_URL (the environment): write http(s)://KEY:SECRET@HOST[:PORT]/apps/APP_ID",
        "PUSHER_APP_ID (the environment): "
        "the real Pusher only has numeric app ids (digits, nothing else)",
        "PUSHER_PORT (the environment): write a whole number from 1 to 65535",
        "PUSHER_TIMEOUT (the environment): write a number of seconds above 0",
    )


@pytest.mark.parametrize("app_id", ["mock-app-id", "٣", "1 2", "-1"])
def test_the_real_app_id_is_a_number(app_id: str):
    error = failure(**{**REAL, "app_id": app_id})
    assert error.missing == ()
    assert error.problems == (
        "app_id: the real Pusher only has numeric app ids (digits, nothing else)",
    )
    assert PusherSettings(use_mocks=True, app_id=app_id).app_id == app_id


def test_a_number_as_app_id():
    assert PusherSettings(**{**REAL, "app_id": 42}).app_id == "42"


def test_wrong_values_are_refused_while_mocks_are_on():
    error = failure(use_mocks=True, port=0, ssl="maybe", ws_port=70_000, timeout="inf", key=[])
    assert error.use_mocks is True
    assert str(error) == (
        "Pusher is not configured.\n"
        "  - key: Input should be a valid string\n"
        "  - port: write a whole number from 1 to 65535\n"
        "  - ssl: write true or false (or 1, yes, on, 0, no, off; any case); empty means unset\n"
        "  - timeout: write a number of seconds above 0\n"
        "  - ws_port: write a whole number from 1 to 65535"
    )


def test_an_argument_of_no_such_name_is_refused():
    assert failure(use_mocks=True, app_key="k").problems == (
        "app_key: Extra inputs are not permitted",
    )


def test_arguments_beat_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_KEY", "environment")
    monkeypatch.setenv("PUSHER_CLUSTER", "eu")
    monkeypatch.setenv("PUSHER_PORT", "6001")
    settings = PusherSettings(**{**REAL, "key": "argument", "cluster": None, "port": ""})
    assert settings.key == "argument"
    assert settings.cluster is None
    assert settings.port is None
    assert PusherSettings(use_mocks=True, PUSHER_APP_KEY="alias").key == "alias"
    # The text names the argument, not the variable that it beat.
    assert failure(use_mocks=True, port="x").problems[0].startswith("port: ")


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (field, name)
        for field in ("app_id", "key", "secret", "cluster")
        for name in SPELLINGS[field]
    ],
)
def test_every_spelling(field: str, name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(name, " 77 ")
    settings = PusherSettings(**{n: v for n, v in REAL.items() if n != field})
    value = getattr(settings, field)
    assert (value.get_secret_value() if isinstance(value, SecretStr) else value) == "77"


def test_the_other_variables(monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "PUSHER_HOST": "pusher.test",
        "PUSHER_PORT": "6001",
        "PUSHER_SSL": "No",
        "PUSHER_TIMEOUT": "2.5",
        "PUSHER_ENCRYPTION_MASTER_KEY_BASE64": "bWFzdGVy",
        "PUSHER_AUTH_ENDPOINT": "http://app.test/pusher/auth",
        "PUSHER_WS_HOST": "ws.test",
        "PUSHER_WS_PORT": "6002",
    }.items():
        monkeypatch.setenv(name, value)
    settings = PusherSettings(**REAL)
    assert (settings.host, settings.port, settings.ssl) == ("pusher.test", 6001, False)
    assert settings.timeout == 2.5
    assert settings.encryption_master_key_base64 == SecretStr("bWFzdGVy")
    assert settings.auth_endpoint == "http://app.test/pusher/auth"
    assert (settings.websocket_host, settings.websocket_port) == ("ws.test", 6002)


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ({}, None, 443),
        ({"ssl": False}, None, 80),
        ({"cluster": "eu"}, None, 443),
        # A port without a host is the API's.
        ({"port": 6001}, None, 443),
        # A self-hosted server answers both on one host and port.
        ({"host": "soketi.test"}, "soketi.test", 443),
        ({"host": "soketi.test", "port": 6001}, "soketi.test", 6001),
        ({"host": "soketi.test", "port": 6001, "ssl": False}, "soketi.test", 6001),
        # Unless told otherwise.
        ({"host": "soketi.test", "port": 6001, "ws_port": 6002}, "soketi.test", 6002),
        ({"host": "api.test", "port": 6001, "ws_host": "ws.test"}, "ws.test", 443),
        ({"host": "one.test", "port": 6001, "ws_host": "one.test"}, "one.test", 6001),
        # Pusher's API hosts take no sockets.
        ({"host": "api-eu.pusher.com", "port": 443, "ssl": False}, None, 80),
        ({"host": "API.pusherapp.com"}, None, 443),
        ({"host": "api-eu.pusher.com", "ws_host": "proxy.test"}, "proxy.test", 443),
    ],
)
def test_where_the_socket_is(given: dict[str, Any], host: str | None, port: int):
    settings = PusherSettings(**REAL, **given)
    assert (settings.websocket_host, settings.websocket_port) == (host, port)


@pytest.mark.parametrize(
    ("given", "cluster"),
    [
        ({"host": "api-eu.pusher.com"}, "eu"),
        ({"host": "api-us2.pusherapp.com"}, "us2"),
        ({"host": "api-eu.pusher.com", "cluster": "us3"}, "us3"),
        ({"host": "api.pusherapp.com"}, None),
        ({"host": "api-eu.pusher.com.example"}, None),
        ({"host": "api-eu.pusher.com", "use_mocks": True}, "eu"),
    ],
)
def test_the_cluster_in_a_host(given: dict[str, Any], cluster: str | None):
    assert PusherSettings(**REAL, **given).cluster == cluster


SECRET, MASTER_KEY = "top-secret-value", "dG9wLW1hc3Rlci1rZXk="


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_SECRET", SECRET)
    monkeypatch.setenv("PUSHER_ENCRYPTION_MASTER_KEY_BASE64", MASTER_KEY)
    settings = PusherSettings(use_mocks=True)
    for text in (repr(settings), str(settings), str(settings.model_dump())):
        assert SECRET not in text
        assert MASTER_KEY not in text
    assert settings.secret.get_secret_value() == SECRET


def test_secrets_are_not_printed_in_errors(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_APP_SECRET", SECRET)
    monkeypatch.setenv("PUSHER_APP_ID", SECRET)  # pasted into the wrong line
    monkeypatch.setenv("PUSHER_PORT", SECRET)
    monkeypatch.setenv("PUSHER_URL", f"https://k:{SECRET}@[host/apps/1")
    for error in (failure(), failure(secret=[SECRET])):
        assert len(error.problems) >= 3
        assert SECRET not in str(error) + repr(error)
        # A traceback prints what led to the error, too.
        assert error.__cause__ is None
        assert error.__context__ is None


def test_a_secret_may_come_wrapped():
    settings = PusherSettings(**{**REAL, "secret": SecretStr(" wrapped\n")})
    assert settings.secret.get_secret_value() == "wrapped"
    assert failure(**{**REAL, "secret": SecretStr("")}).missing == ("secret",)


def test_an_object_is_handed_through():
    settings = PusherSettings(use_mocks=True)
    assert PusherSettings.model_validate(settings) is settings


def test_a_file_that_is_no_text(no_settings: Path):
    (no_settings / ".env.local").write_bytes(b"PUSHER_SECRET=\xff\xfe")
    error = failure()
    assert error.problems == (".env.local or .env is not UTF-8 text: save it as UTF-8",)
    assert error.use_mocks is None


def test_the_error_survives_pickling():
    error = failure()
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.missing, copy.use_mocks) == (str(error), error.missing, False)
