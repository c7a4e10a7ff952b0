"""Which variables a project reads, how, and what they are for."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock.doctor import read_project
from pusher_mock.doctor.settings import is_pushers, kind_of

from .reports import all_of, only, setting


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("PUSHER_APP_ID", "app_id"),
        ("PUSHER_APPID", "app_id"),
        ("PUSHER_APP_APP_ID", "app_id"),
        ("PUSHER_ID", "app_id"),
        ("PUSHER_KEY", "key"),
        ("PUSHER_APP_KEY", "key"),
        ("REACT_APP_API_KEY", "key"),
        ("NEXT_PUBLIC_PUSHER_KEY", "key"),
        ("pusherAppKey", "key"),
        ("PUSHER_SECRET", "secret"),
        ("PUSHER_APP_SECRET", "secret"),
        ("PUSHER_SECRET_KEY", "secret"),
        ("PUSHER_CLUSTER", "cluster"),
        ("PUSHER_HOST", "host"),
        ("PUSHER_WS_HOST", "ws_host"),
        ("PUSHER_PORT", "port"),
        ("PUSHER_WS_PORT", "ws_port"),
        ("PUSHER_SSL", "ssl"),
        ("PUSHER_USE_TLS", "ssl"),
        ("PUSHER_SCHEME", "ssl"),
        ("PUSHER_TIMEOUT", "timeout"),
        ("PUSHER_AUTH_ENDPOINT", "auth_endpoint"),
        ("PUSHER_ENCRYPTION_MASTER_KEY_BASE64", "encryption_master_key_base64"),
        ("PUSHER_URL", "url"),
        ("PUSHER_MOCK_URL", "mock_url"),
        ("PUSHER_BACKEND", "backend"),
        ("USE_MOCKS", "use_mocks"),
        ("PUSHER_ENABLED", None),
        ("PUSHER_CHANNEL_PREFIX", None),
    ],
)
def test_what_a_name_is_for(name: str, kind: str | None):
    assert kind_of(name) == kind


def test_known_spellings_go_first():
    assert kind_of("MY_THING", {"key": ("MY_THING",)}) == "key"
    assert is_pushers("drf_pusher_x")
    assert not is_pushers("SECRET_KEY")


@pytest.mark.parametrize(
    ("code", "source", "required"),
    [
        ("import os\nX = os.environ['PUSHER_KEY']", "environment", True),
        ("import os\nX = os.environ.get('PUSHER_KEY')", "environment", False),
        ("import os\nX = os.environ.get('PUSHER_KEY', 'k')", "environment", False),
        ("import os\nX = os.environ.pop('PUSHER_KEY')", "environment", True),
        ("import os\nX = os.getenv('PUSHER_KEY')", "environment", False),
        ("from os import environ\nX = environ['PUSHER_KEY']", "environment", True),
        ("from os import getenv as g\nX = g(key='PUSHER_KEY')", "environment", False),
        ("from decouple import config\nX = config('PUSHER_KEY')", "environment", True),
        ("from decouple import config as c\nX = c('PUSHER_KEY', default='')", "environment", False),
        ("import environ\nenv = environ.Env()\nX = env('PUSHER_KEY')", "environment", True),
        (
            "import environ\nenv = environ.Env()\nX = env.str('PUSHER_KEY', 'k')",
            "environment",
            False,
        ),
        ("from environs import Env\ne = Env()\nX = e.str('PUSHER_KEY')", "environment", True),
        (
            "from starlette.config import Config\nc = Config('.env')\nX = c('PUSHER_KEY')",
            "environment",
            True,
        ),
        ("from .base import env\nX = env('PUSHER_KEY')", "environment", True),
        ("from .base import get_env\nX = get_env('PUSHER_KEY')", "environment", False),
        ("from django.conf import settings\nX = settings.PUSHER_KEY", "django", True),
        (
            "from django.conf import settings\nX = getattr(settings, 'PUSHER_KEY')",
            "django",
            True,
        ),
        (
            "from django.conf import settings\nX = getattr(settings, 'PUSHER_KEY', None)",
            "django",
            False,
        ),
        (
            "from django.conf import settings\nX = hasattr(settings, 'PUSHER_KEY')",
            "django",
            False,
        ),
        (
            "import django.conf\nX = django.conf.settings.PUSHER_KEY",
            "django",
            True,
        ),
        ("from flask import current_app\nX = current_app.config['PUSHER_KEY']", "flask", True),
        ("X = app.config.get('PUSHER_KEY')", "flask", False),
        ("import flask\nX = config['PUSHER_KEY']", "flask", True),
        (
            "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n"
            "    pusher_key: str",
            "environment",
            True,
        ),
        (
            "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n"
            "    pusher_key: str = 'k'",
            "environment",
            False,
        ),
    ],
)
def test_every_way_to_read_one(read: Any, code: str, source: str, required: bool):
    found = setting(read({"app.py": f"{code}\n"}), "PUSHER_KEY")
    assert (found.kind, found.source, found.required) == ("key", source, required)
    assert (found.path, found.line) == ("app.py", len(code.splitlines()))


@pytest.mark.parametrize(
    "code",
    [
        "X = values['PUSHER_KEY']",
        "X = values[n]  # pusher",
        "X = config['PUSHER_KEY']",
        "X = settings.PUSHER_KEY",
        "X = getattr(settings, name)  # pusher",
        "from django.conf import settings\nsettings.PUSHER_KEY = 'k'",
        "import os\nos.environ['PUSHER_KEY'] = 'k'",
        "import os\nX = os.getenv()  # pusher",
        "print('PUSHER_KEY')",
        "import os\nX = os.environ['DATABASE_URL']  # pusher",
        "class S(Base):\n    pusher_key: str",
    ],
)
def test_what_reads_none(read: Any, code: str):
    assert read({"app.py": code}).settings == []


def test_fields_of_pydantic_settings(read: Any):
    report = read(
        {
            "config.py": """\
                from typing import ClassVar
                from pydantic import AliasChoices, Field
                from pydantic_settings import BaseSettings, SettingsConfigDict

                class Settings(BaseSettings):
                    model_config = SettingsConfigDict(env_prefix="SHOP_")
                    kind: ClassVar[str] = "pusher"
                    pusher_app_id: str
                    pusher_key: str = Field(...)
                    pusher_cluster: str = Field("eu")
                    secret: str = Field(validation_alias="PUSHER_APP_SECRET")
                    host: str = Field(alias=AliasChoices("PUSHER_HOST", "PUSHER_API_HOST"))
                    pusher_port: int = Field(default_factory=int)
                    pusher_ssl: bool = Field(alias=name)
                    model_config: dict
                    debug: bool = False
                    pusher.x: int = 1

                settings = Settings()
                """
        }
    )
    told = {one.name: (one.kind, one.required, one.at_import) for one in report.settings}
    assert told == {
        "SHOP_PUSHER_APP_ID": ("app_id", True, True),
        "SHOP_PUSHER_KEY": ("key", True, True),
        "SHOP_PUSHER_CLUSTER": ("cluster", False, True),
        "PUSHER_APP_SECRET": ("secret", True, True),
        "PUSHER_HOST": ("host", True, True),
        "PUSHER_API_HOST": ("host", True, True),
        "SHOP_PUSHER_PORT": ("port", False, True),
        "SHOP_PUSHER_SSL": ("ssl", True, True),
    }
    found = only(report, "required")
    assert (found.path, found.line, found.severity) == ("config.py", 8, "warning")
    assert found.text.startswith("importing this fails without SHOP_PUSHER_APP_ID, SHOP_PUSHER_KEY")
    assert found.advice == (
        "`pusher-mock env PATH` prints values for SHOP_PUSHER_APP_ID, SHOP_PUSHER_KEY, "
        "PUSHER_APP_SECRET; with --url of a local server `pusher-mock env PATH` prints values for "
        "PUSHER_API_HOST, PUSHER_HOST, SHOP_PUSHER_SSL; `pusher-mock run` takes them with "
        "--set NAME=VALUE"
    )


@pytest.mark.parametrize(
    "config",
    [
        'class Config:\n        env_prefix = "X_"',
        'model_config = {"env_prefix": "X_"}',
        'model_config = dict(env_prefix="X_")',
    ],
)
def test_prefixes(read: Any, config: str):
    code = (
        "from pydantic import BaseSettings\n"
        f"class S(BaseSettings):\n    {config}\n    pusher_key: str\n"
    )
    found = setting(read({"app.py": code}), "X_PUSHER_KEY")
    assert not found.at_import  # nothing builds one


def test_another_configuration_has_no_prefix(read: Any):
    code = (
        "from pydantic import BaseSettings\n"
        'class S(BaseSettings):\n    model_config = {"extra": "allow"}\n    pusher_key: str\n'
    )
    assert setting(read({"app.py": code}), "PUSHER_KEY").required


def test_names_that_only_their_use_tells(read: Any):
    report = read(
        {
            "worker/config.py": """\
                import os
                KEY = os.environ["WEBSOCKET_APP_KEY"]
                HOST = os.getenv("WEBSOCKET_HOST") or "localhost"

                class Config:
                    SECRET = os.environ.get("SIGNING")
                """,
            "worker/client.py": """\
                import os
                import pusher
                from .config import KEY, HOST, Config
                from . import config

                def make():
                    number = int(os.environ["REACT_APP_API_ID"])
                    port: int = int(os.environ["PORT_OF_IT"])
                    return pusher.Pusher(
                        number, KEY, Config.SECRET, host=config.HOST, port=port,
                        ssl=os.environ.get("TLS") == "True", cluster=CLUSTER,
                    )
                """,
        }
    )
    told = {one.name: (one.kind, one.path, one.line, one.at_import) for one in report.settings}
    assert told == {
        "WEBSOCKET_APP_KEY": ("key", "worker/config.py", 2, True),
        "WEBSOCKET_HOST": ("host", "worker/config.py", 3, True),
        "SIGNING": ("secret", "worker/config.py", 6, True),
        "REACT_APP_API_ID": ("app_id", "worker/client.py", 7, False),
        "PORT_OF_IT": ("port", "worker/client.py", 8, False),
        "TLS": ("ssl", "worker/client.py", 11, False),
    }
    text = only(report, "client").text
    assert "key from WEBSOCKET_APP_KEY" in text
    assert "cluster computed" in text


def test_through_an_object_of_settings(read: Any):
    report = read(
        {
            "config/settings.py": """\
                from functools import lru_cache
                from pydantic_settings import BaseSettings

                class Settings(BaseSettings):
                    push_key: str
                    fixed = "eu"

                @lru_cache
                def get_settings():
                    print("once")
                    return Settings()

                settings = get_settings()
                """,
            "config/__init__.py": "from .settings import settings\n",
            "app.py": """\
                import pusher
                from config import settings
                c = pusher.Pusher(
                    "1", settings.push_key, settings.missing.get_secret_value(),
                    cluster=settings.fixed,
                )
                """,
        }
    )
    found = setting(report, "PUSH_KEY")
    assert (found.kind, found.path, found.required) == ("key", "config/settings.py", True)
    assert "secret computed, cluster literal 'eu'" in only(report, "client").text


def test_through_an_object_of_another_class(read: Any):
    report = read(
        {
            "config.py": """\
                import os

                try:
                    import fast
                except ImportError:
                    fallback = os.environ["FALLBACK"]

                class Config:
                    KEY = os.environ["REALTIME_KEY"]

                def make(): ...

                config = Config()
                other = make()
                """,
            "app.py": """\
                import pusher
                from config import config, fallback, other
                c = pusher.Pusher("1", config.KEY, fallback, host=other.HOST)
                """,
        }
    )
    assert setting(report, "REALTIME_KEY").kind == "key"
    assert setting(report, "FALLBACK").kind == "secret"
    assert only(report, "host").text.endswith("computed")


def test_from_env_and_from_url(read: Any):
    report = read({"app.py": "import pusher\nc = pusher.Pusher.from_env()\n"})
    found = setting(report, "PUSHER_URL")
    assert (found.kind, found.required, found.at_import) == ("url", True, True)
    report = read({"app.py": "import pusher\nc = pusher.Pusher.from_env('SHOP_URL')\n"})
    assert setting(report, "SHOP_URL").kind == "url"
    code = "import os, pusher\nc = pusher.Pusher.from_url(os.environ['RT'])\n"
    assert setting(read({"app.py": code}), "RT").kind == "url"


def test_spellings_are_taken(tmp_path: Any):
    (tmp_path / "app.py").write_text("import os\nX = os.getenv('MY_PUSHER')\n")
    [found] = read_project(tmp_path, {"key": ["MY_PUSHER"]}).settings
    assert found.kind == "key"


def test_names_in_circles_end(read: Any):
    code = "import pusher\nA = B\nB = A\nc = pusher.Pusher(A, x or y, z if z else 1)\n"
    text = only(read({"app.py": code}), "client").text
    assert text == "pusher.Pusher built at import; app_id computed, key computed, secret computed"
    chain = "".join(f"A{n} = A{n + 1}\n" for n in range(9)) + "A9 = 'k'\n"
    report = read({"app.py": f"import pusher\n{chain}c = pusher.Pusher('1', A0, 's')\n"})
    assert "key computed" in only(report, "client").text
    chain = "x = " + "str(" * 9 + "'k'" + ")" * 9
    report = read({"app.py": f"import pusher\n{chain}\nc = pusher.Pusher('1', x, 's')\n"})
    assert "key computed" in only(report, "client").text
    report = read(
        {
            "a.py": "import pusher\nfrom b import KEY\nc = pusher.Pusher('1', KEY, await_it)\n",
            "b.py": "from a import KEY\n",
        }
    )
    assert all_of(report, "client")[0].text.endswith("key computed, secret computed")
