"""Variables without which a file cannot be imported, and where values for them come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pusher_mock.doctor import read_project

from .reports import all_of, only, setting

if TYPE_CHECKING:
    from pathlib import Path


def test_required_once_for_a_file(read: Any):
    code = """\
        import os
        ID = os.environ["PUSHER_APP_ID"]
        KEY = os.environ["PUSHER_KEY"]
        AGAIN = os.environ["PUSHER_KEY"]

        def later():
            return os.environ["PUSHER_SECRET"]
        """
    found = only(read({"app.py": code}), "required")
    assert found.text == "importing this fails without PUSHER_APP_ID, PUSHER_KEY"
    assert found.when == "import"


def test_names_that_run_sets_by_itself(tmp_path: Path):
    (tmp_path / "app.py").write_text("import os\nX = os.environ['PUSHER_KEY']\n")
    found = only(read_project(tmp_path, {"key": ["PUSHER_KEY"]}), "required")
    assert found.advice.endswith("`pusher-mock run` sets them")


def test_values_are_promised_only_where_there_are_any(tmp_path: Path):
    names = (
        "WS_HOST",
        "PUSHER_WS_PORT",
        "PUSHER_PREFIX",
        "PUSHER_HOST",
        "PUSHER_KEY",
        "PUSHER_KEY",
    )
    lines = [f"X{at} = os.environ[{name!r}]\n" for at, name in enumerate(names)]
    (tmp_path / "app.py").write_text("import os\n" + "".join(lines))
    spellings = {"key": ["PUSHER_KEY"], "host": ["PUSHER_HOST"]}
    found = only(read_project(tmp_path, spellings), "required")
    assert found.advice == (
        "only you know values for WS_HOST, PUSHER_WS_PORT, PUSHER_PREFIX; "
        "with --url of a local server `pusher-mock env PATH` prints values for PUSHER_HOST; "
        "`pusher-mock env PATH` prints values for PUSHER_KEY; "
        "`pusher-mock run` takes them with --set NAME=VALUE"
    )


def test_required_by_a_module_about_pusher(read: Any):
    report = read(
        {
            "a.py": "import os, pusher\nK = os.environ['STRIPE_SECRET']\nX = os.getenv('TZ')\n",
            "b.py": "import os  # for pusher\nX = os.environ['WEBSOCKET_APP_KEY']\n",
            "c.py": "import os  # for pusher\nX = os.environ['DATABASE_URL']\n",
            "d.py": "import os, pysher\ndef f():\n    return os.environ['OTHER']\n",
        }
    )
    told = [(one.path, one.name, one.kind, one.required) for one in report.settings]
    assert told == [
        ("a.py", "STRIPE_SECRET", None, True),
        ("b.py", "WEBSOCKET_APP_KEY", "key", True),
    ]
    assert [one.path for one in all_of(report, "required")] == ["a.py", "b.py"]
    client = "import os, pusher\nK = os.environ['THEIRS']\nc = pusher.Pusher('1', K, 's')\n"
    assert setting(read({"e.py": client}), "THEIRS").kind == "key"
