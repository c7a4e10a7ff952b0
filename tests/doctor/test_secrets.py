"""Secrets that stand in files: found, shown by four characters, and not when they are none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pusher_mock.doctor.secrets import is_fake, mask, secret_in_url
from pusher_mock.doctor.walk import Source

from .reports import all_of, only

SECRET = "7ad3773142a6692b25b8"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "test",
        "secret",
        "xxx",
        "xxxxxxxxxxxxxxxxxxxx",
        "mock-pusher-secret",
        "your-pusher-secret",
        "<your secret>",
        "${PUSHER_SECRET}",
        "{{ secret }}",
        "%(secret)s",
        "changeme",
        "0123456789abcdef0123",
        "1234567890",
        "abcdefghij",
        "shop-secret",
        "two words here",
        "********",
        "a1a1a1a1a1a1a1a1a1a1",
    ],
)
def test_what_is_no_secret(value: str):
    assert is_fake(value)


@pytest.mark.parametrize("value", [SECRET, "Zk3r9Wq7LmXv2TbN"])
def test_what_is_one(value: str):
    assert not is_fake(value)
    assert mask(value) == f"{value[:4]}…"


def test_a_short_one_is_not_shown_at_all():
    assert mask("hunter2") == "…"


@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        (
            "app.py",
            f"import pusher\nc = pusher.Pusher('1', 'k', '{SECRET}')",
            "the secret of a client",
        ),
        (
            "app.py",
            f"import pusher\nc = pusher.Pusher('1', 'k', secret='{SECRET}')",
            "the secret of a client",
        ),
        (
            "app.py",
            f"import pusher\nS = '{SECRET}'\nc = pusher.Pusher('1', 'k', S)",
            "the secret of a client",
        ),
        (
            "app.py",
            f"import os, pusher\nc = pusher.Pusher('1', 'k', os.getenv('SIGNING', '{SECRET}'))",
            "the default of SIGNING",
        ),
        (
            "app.py",
            f"import pusher\nc = pusher.Pusher.from_url('https://k:{SECRET}@api-eu.pusher.com/apps/1')",
            "the secret in the url of a client",
        ),
        ("app.py", f"PUSHER_SECRET = '{SECRET}'", "PUSHER_SECRET"),
        ("app.py", f"PUSHER_SECRET: str = '{SECRET}'", "PUSHER_SECRET"),
        ("app.py", f"PUSHER = {{'key': 'k', 'secret': '{SECRET}'}}", "PUSHER.secret"),
        ("app.py", f"CONFIG = {{'PUSHER_APP_SECRET': '{SECRET}'}}", "PUSHER_APP_SECRET"),
        ("app.py", f"app.config['PUSHER_SECRET'] = '{SECRET}'", "PUSHER_SECRET"),
        ("app.py", f"app.config.update(PUSHER_SECRET='{SECRET}')", "PUSHER_SECRET"),
        ("app.py", f"os.environ.setdefault('PUSHER_SECRET', '{SECRET}')", "PUSHER_SECRET"),
        (
            "app.py",
            f"import os\nX = os.getenv('PUSHER_SECRET', '{SECRET}')",
            "the default of PUSHER_SECRET",
        ),
        (
            "app.py",
            f"PUSHER_URL = 'https://k:{SECRET}@api.pusherapp.com/apps/1'",
            "the secret in PUSHER_URL",
        ),
        ("app.py", f"class Pusher:\n    SECRET = '{SECRET}'", "SECRET"),
        (
            "app.py",
            "from pydantic_settings import BaseSettings\n"
            f"class S(BaseSettings):\n    pusher_secret: str = '{SECRET}'",
            "pusher_secret",
        ),
        (".env", f"PUSHER_KEY=k\nPUSHER_SECRET={SECRET}", "PUSHER_SECRET"),
        (".env.production", f"export PUSHER_APP_SECRET='{SECRET}' # it", "PUSHER_APP_SECRET"),
        (".envs/.production/.django", f"PUSHER_SECRET={SECRET}", "PUSHER_SECRET"),
        (
            ".env",
            f"PUSHER_URL=http://k:{SECRET}@api-eu.pusher.com/apps/1",
            "the secret in PUSHER_URL",
        ),
        ("docker-compose.yml", f"    - PUSHER_SECRET={SECRET}", "PUSHER_SECRET"),
        ("app.yaml", f'  PUSHER_SECRET: "{SECRET}"', "PUSHER_SECRET"),
        ("config.json", f'{{"PUSHER_SECRET": "{SECRET}",}}', "PUSHER_SECRET"),
        ("Dockerfile", f"ENV PUSHER_SECRET {SECRET}", "PUSHER_SECRET"),
        (
            "server.js",
            f"P = require('pusher');\nnew Pusher({{appId: '1', key: 'k', secret: '{SECRET}'}});",
            "the secret of a client",
        ),
    ],
)
def test_where_they_stand(read: Any, path: str, text: str, what: str):
    report = read({path: text if path != "config.json" else text.replace("{", "{\n")})
    for found in all_of(report, "secret"):
        assert found.severity == "error"
        assert mask(SECRET) in found.text
        assert "dashboard" in found.advice
    assert any(what in one.text for one in report.errors)
    assert SECRET not in json.dumps(report.to_json())


def test_the_same_secret_is_told_once_for_a_line_and_a_name(read: Any):
    found = only(read({"app.py": f"PUSHER_SECRET = '{SECRET}'\n"}), "secret")
    assert (found.path, found.line) == ("app.py", 1)
    assert found.text == f"PUSHER_SECRET stands in the file: {SECRET[:4]}…"


def test_the_same_secret_wherever_it_stands(read: Any, tmp_path: Any):
    report = read(
        {
            ".gitignore": ".env\n",
            ".env": f"PUSHER_SECRET={SECRET}\nSIGNING={SECRET}\n",
            "app.py": f"import pusher\nc = pusher.Pusher('1', 'k', secret='{SECRET}')\n",
            "keys.py": f"SECRET = '{SECRET}'\nLONGER = 'a{SECRET}'\n",
            "deploy.yml": f"key: x\nsign: {SECRET}\n",
            "odd.py": "PUSHER_SECRET = 'Zk3r9Wq7LmXv2TbN'\nPUSHER_APP_SECRET = 'weather-of-one'\n",
            "words.py": "A = 'Zk3r9Wq7LmXv2TbN'\nB = 'weather-of-one'\n",
        }
    )
    assert [(one.path, one.line) for one in report.errors] == [
        ("app.py", 2),
        ("deploy.yml", 2),
        ("keys.py", 1),
        ("odd.py", 1),
        ("odd.py", 2),
        ("words.py", 1),
    ]
    assert [one.line for one in all_of(report, "local-secret")] == [1, 2]
    told = next(one.text for one in report.errors if one.path == "keys.py")
    assert told == "a secret that is used elsewhere, too, stands in the file: 7ad3…"


def test_a_known_secret_in_a_file_that_goes_away(read: Any, monkeypatch: pytest.MonkeyPatch):
    opened: list[str] = []
    genuine = Source.data

    def data(self: Source) -> bytes:
        opened.append(self.path)
        if opened.count("b.py") > 1:
            raise FileNotFoundError(2, "gone", self.path)
        return genuine(self)

    monkeypatch.setattr(Source, "data", data)
    report = read({"a.py": f"PUSHER_SECRET = '{SECRET}'\n", "b.py": f"X = '{SECRET}'\n"})
    assert only(report, "secret").path == "a.py"


def test_without_git_there_is_no_history(read: Any, tmp_path: Any):
    files = {".env": f"PUSHER_SECRET={SECRET}\n"}
    assert "history" not in only(read(files), "secret").advice
    (tmp_path / ".git").mkdir()
    assert "history" in only(read(files), "secret").advice


def test_in_tests_only_what_looks_like_pushers(read: Any):
    report = read(
        {
            "tests/test_a.py": f"PUSHER_SECRET = '{SECRET}'\n",
            "tests/test_b.py": "PUSHER_SECRET = 'Zk3r9Wq7LmXv2TbN'\n",
        }
    )
    told = [(one.path, one.severity) for one in all_of(report, "secret")]
    assert told == [("tests/test_a.py", "error"), ("tests/test_b.py", "warning")]


def test_what_git_leaves_out(read: Any):
    report = read(
        {
            ".gitignore": "# ours\n\n*.log\n.env*\n!.env.example\n/local/\n**/private.yml\n",
            ".env": f"PUSHER_SECRET={SECRET}\n",
            ".env.example": f"PUSHER_SECRET={SECRET}\n",
            "local/a.yml": f"PUSHER_SECRET: {SECRET}\n",
            "deep/local/a.yml": f"PUSHER_SECRET: {SECRET}\n",
            "deep/private.yml": f"PUSHER_SECRET: {SECRET}\n",
            "sub/.gitignore": "a/b.yml\n",
            "sub/a/b.yml": f"PUSHER_URL: http://k:{SECRET}@h/apps/1\n",
        }
    )
    assert [one.path for one in report.errors] == [".env.example", "deep/local/a.yml"]
    assert [one.path for one in all_of(report, "local-secret")] == [
        ".env",
        "deep/private.yml",
        "local/a.yml",
        "sub/a/b.yml",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "PUSHER_SECRET=",
        "PUSHER_SECRET=secret",
        "PUSHER_SECRET=$OTHER",
        "PUSHER_URL=http://h/apps/1",
    ],
)
def test_nothing_in_it(read: Any, text: str):
    assert read({".env": text}).errors == ()


def test_urls():
    assert secret_in_url("http://k:a%2Fb@h/apps/1") == "a/b"
    assert secret_in_url("http://[::1") is None
    assert secret_in_url("http://k@h/apps/1") is None


@pytest.mark.parametrize(
    "code",
    [
        "x.setdefault()",
        "x.setenv('PUSHER_SECRET')",
        "f(**pusher)",
        "PUSHER_SECRET = 5",
        "x, y = pusher",
    ],
)
def test_nothing_in_code(read: Any, code: str):
    assert read({"app.py": code}).errors == ()
