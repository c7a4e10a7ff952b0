"""Which value wins, and how a `PUSHER_URL` is read."""

from pathlib import Path
from typing import Any

import pytest

from compat import ConfigurationError, PusherSettings
from compat.sources import LayeredSource, parse_pusher_url


def read(**values: Any) -> PusherSettings:
    return PusherSettings(use_mocks=True, **values)


def test_local_file_beats_file(no_settings: Path):
    (no_settings / ".env").write_text(
        "PUSHER_KEY=file\nPUSHER_CLUSTER=eu\nDATABASE_URL=sqlite://\nEXPORTED\n"
    )
    (no_settings / ".env.local").write_text("PUSHER_APP_KEY=local\nPUSHER_CLUSTER=\n")
    settings = read()
    assert settings.key == "local"  # though PUSHER_KEY is the preferred spelling
    assert settings.cluster == "eu"  # blank is unset


def test_environment_beats_files(no_settings: Path, monkeypatch: pytest.MonkeyPatch):
    (no_settings / ".env").write_text("PUSHER_KEY=file\nUSE_MOCKS=false\n")
    (no_settings / ".env.local").write_text("PUSHER_KEY=local\n")
    monkeypatch.setenv("PUSHER_APP_KEY", "environment")
    monkeypatch.setenv("USE_MOCKS", "true")
    settings = PusherSettings()
    assert settings.use_mocks is True
    assert settings.key == "environment"


def test_preferred_spelling_first_within_one_place(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_APP_KEY", "second")
    monkeypatch.setenv("PUSHER_KEY", "first")
    assert read().key == "first"


def test_frontend_names_come_last_wherever_they_stand(
    no_settings: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NEXT_PUBLIC_PUSHER_KEY", "page")
    monkeypatch.setenv("NEXT_PUBLIC_PUSHER_CLUSTER", "us2")
    (no_settings / ".env").write_text("PUSHER_APP_KEY=server\n")
    settings = read()
    assert settings.key == "server"
    assert settings.cluster == "us2"


def test_names_are_case_sensitive(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("pusher_key", "lower")
    assert read().key == "mock-pusher-key"


def test_use_mocks_in_a_file(no_settings: Path):
    (no_settings / ".env.local").write_bytes(b"\xef\xbb\xbfUSE_MOCKS=true\r\n")  # saved on Windows
    assert PusherSettings().use_mocks is True


def test_errors_name_the_file(no_settings: Path):
    (no_settings / ".env").write_text("PUSHER_PORT=x\n")
    (no_settings / ".env.local").write_text("USE_MOCKS=maybe\n")
    with pytest.raises(ConfigurationError) as caught:
        PusherSettings()
    assert "USE_MOCKS (.env.local) is 'maybe'" in str(caught.value)
    assert "PUSHER_PORT (.env)" in str(caught.value)


@pytest.mark.parametrize(("files", "key"), [(None, "mock-pusher-key"), ("other", "other")])
def test_other_files_or_none(files: str | None, key: str, no_settings: Path):
    (no_settings / ".env").write_text("PUSHER_KEY=file\n")
    (no_settings / "other").write_text("PUSHER_KEY=other\n")
    assert read(_env_file=files).key == key


@pytest.mark.parametrize(("word", "ssl"), [("https", True), ("HTTP", False)])
def test_scheme_means_ssl(word: str, ssl: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_SCHEME", word)
    assert read().ssl is ssl
    monkeypatch.setenv("PUSHER_SSL", "off" if ssl else "on")
    assert read().ssl is not ssl  # the boolean is the preferred spelling


def test_a_scheme_is_not_a_boolean(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_SCHEME", "true")
    with pytest.raises(ConfigurationError, match="write https or http"):
        read()


def test_url_fills_what_has_no_variable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_URL", "http://url-key:url-secret@localhost:6001/apps/7")
    monkeypatch.setenv("PUSHER_KEY", "own")
    settings = PusherSettings()
    assert settings.key == "own"
    assert settings.secret.get_secret_value() == "url-secret"
    assert (settings.app_id, settings.host, settings.port) == ("7", "localhost", 6001)
    assert settings.ssl is False
    assert PusherSettings(host="argument").host == "argument"


def test_a_variable_in_a_file_beats_the_url(no_settings: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_URL", "http://k:s@localhost/apps/7")
    (no_settings / ".env").write_text("PUSHER_SCHEME=https\n")
    assert PusherSettings().ssl is True


def test_the_app_id_in_a_url(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_URL", "http://k:s@localhost/apps/mine")
    assert read().app_id == "mine"
    with pytest.raises(ConfigurationError, match=r"PUSHER_URL \(the environment\): the real"):
        PusherSettings()


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://k:s@api-eu.pusher.com/apps/1", "api-eu.pusher.com", None),
        ("https://k:s@api-eu.pusher.com/apps/1/", "api-eu.pusher.com", None),
        ("http://k:s@127.0.0.1:6001/apps/1", "127.0.0.1", 6001),
        ("http://k:s@[::1]:6001/apps/1", "[::1]", 6001),
    ],
)
def test_parse(url: str, host: str, port: int | None):
    parts = parse_pusher_url(url)
    assert parts.pop("port", None) == port
    assert parts == {
        "key": "k",
        "secret": "s",
        "host": host,
        "app_id": "1",
        "ssl": url.startswith("https"),
    }


def test_parse_decodes():
    parts = parse_pusher_url("http://k%40y:s%2Fs@h/apps/1")
    assert (parts["key"], parts["secret"]) == ("k@y", "s/s")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "secret",
        "ws://k:secret@h/apps/1",
        "http://secret@h/apps/1",
        "http://:secret@h/apps/1",
        "http://k:secret@/apps/1",
        "http://k:secret@h/1",
        "http://k:secret@h/apps/",
        "http://k:secret@h/apps/1/events",
        "http://k:secret@h/proxy/apps/1",
        "http://k:secret@h:port/apps/1",
        "http://k:secret@h:99999/apps/1",
        "http://k:secret@[h/apps/1",
    ],
)
def test_parse_refuses_without_quoting(url: str):
    with pytest.raises(ValueError, match="write http") as caught:
        parse_pusher_url(url)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__ is (caught.value.__context__ is not None)


def test_source_answers_for_one_field(monkeypatch: pytest.MonkeyPatch):
    seen: list[tuple[Any, str, bool]] = []

    class Asking(PusherSettings):
        @classmethod
        def settings_customise_sources(cls, *sources: Any, **named: Any) -> Any:
            chain = super().settings_customise_sources(*sources, **named)
            layered = chain[1]
            assert isinstance(layered, LayeredSource)
            field = cls.model_fields["key"]
            seen.append(layered.get_field_value(field, "key"))
            return chain

    monkeypatch.setenv("PUSHER_KEY", "k")
    assert Asking(use_mocks=True).key == "k"
    assert seen == [("k", "key", False)]
