"""Apps from a file: every switch, and every mistake named without showing a value."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import App, AppKey, UsageError, Webhook
from pusher_mock.server import apps_file
from pusher_mock.server.apps_file import load_apps

if TYPE_CHECKING:
    from pathlib import Path

TOML = """
[[apps]]
id = "42"
key = "shop-key"
secret = "hunter2"
aliases = ["shop", "7"]
client_events = true
subscription_count = true
watchlist = true
authorized_connections = true
authorization_timeout = 5000
enabled = false
tls_only = true
max_connections = 10
daily_messages = 0
cache_ttl = 1000
webhook_batching = true
keys = [{ key = "second", secret = "hunter3" }, { key = "old", secret = "x", active = false }]

[[apps.webhooks]]
url = "http://127.0.0.1:8000/hook"
events = ["member_added"]

[[apps.webhooks]]
url = "https://shop.example/all"

[[apps]]
id = "43"
key = "blog-key"
secret = "hunter4"
"""
SHOP = App(
    "42",
    "shop-key",
    "hunter2",
    aliases=("shop", "7"),
    keys=(AppKey("second", "hunter3"), AppKey("old", "x", active=False)),
    client_events=True,
    subscription_count=True,
    watchlist=True,
    authorized_connections=True,
    authorization_timeout=5000,
    enabled=False,
    tls_only=True,
    max_connections=10,
    daily_messages=0,
    cache_ttl=1000,
    webhooks=(
        Webhook("http://127.0.0.1:8000/hook", frozenset({"member_added"})),
        Webhook("https://shop.example/all"),
    ),
    webhook_batching=True,
)
BLOG = App("43", "blog-key", "hunter4")


def app(**more: Any) -> dict[str, Any]:
    return {"id": "1", "key": "k", "secret": "hunter2", **more}


def written(tmp_path: Path, content: Any, name: str = "apps.json") -> Path:
    path = tmp_path / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def test_toml(tmp_path: Path):
    assert load_apps(written(tmp_path, TOML, "apps.toml")) == (SHOP, BLOG)


def test_every_switch_is_known():
    assert set(apps_file._APP) == {one.name for one in fields(App)}
    assert set(apps_file._KEY) == {one.name for one in fields(AppKey)}
    assert set(apps_file._WEBHOOK) == {one.name for one in fields(Webhook)}


@pytest.mark.parametrize("wrap", [lambda apps: apps, lambda apps: {"apps": apps}])
def test_json(wrap: Any, tmp_path: Path):
    blog = {"id": "43", "key": "blog-key", "secret": "hunter4", "max_connections": None}
    path = written(tmp_path, "\ufeff" + json.dumps(wrap([blog])), "apps.JSON")
    assert load_apps(str(path)) == (BLOG,)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([app(cient_events=True)], ", app 1 (k): there is no field cient_events; did you mean"),
        ([app(), app(key="b", zzz=1)], ", app 2 (b): there is no field zzz; there are id, key,"),
        ([app(key=5)], ", app 1: key takes a string that is not empty, not a whole number"),
        ([{"id": "1", "key": "k"}], ", app 1 (k): secret is missing; it takes a string"),
        ([app(secret="")], ", app 1 (k): secret takes a string that is not empty, not an empty"),
        (
            [app(secret=["hunter2"])],
            ", app 1 (k): secret takes a string that is not empty, not a l",
        ),
        ([app(enabled=1)], ", app 1 (k): enabled takes true or false, not a whole number"),
        ([app(cache_ttl=True)], ": cache_ttl takes a whole number, not true or false"),
        ([app(cache_ttl=1.5)], ": cache_ttl takes a whole number, not a number"),
        ([app(cache_ttl=0)], ", app 1: App(cache_ttl=) takes milliseconds above 0"),
        ([app(max_connections="10")], ": max_connections takes a whole number, or nothing for"),
        ([app(aliases="shop")], ": aliases takes a list of strings, not a string"),
        ([app(aliases=[1])], ": aliases takes a list of strings, not a list"),
        ([app(keys={})], ": keys takes a list of tables with key and secret, not a table"),
        ([app(keys=[{"key": "x"}])], ", app 1 (k), key 1: secret is missing"),
        ([app(keys=[{"key": "x", "secret": None}])], ", key 1: secret takes a string"),
        ([app(webhooks=["http://x"])], ": webhooks takes a list of tables with url, not a list"),
        ([app(webhooks=[{"url": "x"}])], ", webhook 1: url takes a URL that starts with http"),
        (
            [app(webhooks=[{"url": "http://x"}, {"url": "http://x", "events": ["nothing"]}])],
            ", app 1 (k), webhook 2: unknown webhook events nothing; there are",
        ),
        (
            [app(webhooks=[{"url": "http://x", "event": []}])],
            ", webhook 1: there is no field event; did you mean events?",
        ),
        ([app(), app(key="b")], ", app 2: the id 1 is that of app 1 as well; every id is there"),
        ([app(), app(id="2")], ", app 2: the key k is that of app 1 as well; every key is there"),
        (
            [app(keys=[{"key": "k", "secret": "hunter3"}])],
            ", app 1: the key k is that of app 1 as well",
        ),
        ({"app": []}, ": there is no field app; did you mean apps?"),
        ({}, " has no apps: write a table [[apps]] for each (TOML), or a list of objects"),
        ([], " has no apps"),
        (5, " has no apps"),
        ([5], " has no apps"),
        ("[", " cannot be understood: "),
        ("[" * 100_000, " cannot be understood: "),
    ],
)
def test_mistakes(content: Any, said: str, tmp_path: Path):
    path = written(tmp_path, content)
    with pytest.raises(UsageError) as error:
        load_apps(path)
    text = str(error.value)
    assert text.startswith(str(path))
    assert said in text
    assert "hunter" not in text


def test_mistakes_in_toml(tmp_path: Path):
    path = written(tmp_path, '[[apps]]\nsecret = "hunter2\n', "apps.toml")
    with pytest.raises(UsageError, match=r"apps\.toml cannot be understood: .*line 2") as error:
        load_apps(path)
    assert "hunter2" not in str(error.value)
    path = written(tmp_path, '[[apps]]\nid = "1"\nkey = "k"\nsecret = 2026-01-01\n', "apps.toml")
    with pytest.raises(UsageError, match="not a date or time"):
        load_apps(path)


def test_files_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(UsageError, match=r"cannot read .*: No such file"):
        load_apps(tmp_path / "none.toml")
    with pytest.raises(UsageError, match=r"apps\.yaml is neither \.toml nor \.json"):
        load_apps(written(tmp_path, "", "apps.yaml"))
    path = tmp_path / "apps.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"apps\.toml is not UTF-8 text"):
        load_apps(path)
