"""Which files are read, and files that are hard to read."""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock.doctor import read_project
from pusher_mock.doctor.module import NotParsed, parse
from pusher_mock.doctor.walk import MAX_BYTES, decode, is_test
from pusher_mock.protocol.errors import UsageError

from .reports import all_of, only, setting

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = 65534
CLIENT = 'import pusher\nc = pusher.Pusher("1", "k", "s")\n'


@pytest.mark.parametrize(
    "folder",
    [
        ".git",
        ".venv",
        "venv",
        "node_modules",
        "dist",
        "build",
        "shop/migrations",
        "shop/__pycache__",
        "shop.egg-info",
        ".hidden",
    ],
)
def test_folders_that_are_left_out(read: Any, folder: str):
    report = read({f"{folder}/app.py": CLIENT, "app.py": CLIENT})
    assert [one.path for one in all_of(report, "client")] == ["app.py"]
    assert report.skipped == ()


def test_a_virtual_environment_of_any_name(read: Any):
    report = read({"py311/pyvenv.cfg": "", "py311/lib/app.py": CLIENT, "env/app.py": CLIENT})
    assert [one.path for one in all_of(report, "client")] == ["env/app.py"]


def test_kinds_that_are_left_out(read: Any):
    names = ["a.txt", "package-lock.json", "a.min.js", "a.png", "Makefile"]
    assert read(dict.fromkeys(names, "new Pusher('abc')")).files == 0
    assert read({"env.local": "PUSHER_KEY=k", ".env.js": "new Pusher('abc')"}).files == 2


def test_a_file_that_is_too_large(read: Any):
    report = read({"big.js": "x" * (MAX_BYTES + 1), "app.py": CLIENT})
    [skipped] = report.skipped
    assert (skipped.path, skipped.reason) == ("big.js", "1000 kB are more than 1000")
    assert report.files == 1


def test_links_are_not_followed(tmp_path: Path):
    (tmp_path / "app.py").write_text(CLIENT)
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "same.py").symlink_to(tmp_path / "app.py")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    report = read_project(tmp_path)
    assert [one.path for one in all_of(report, "client")] == ["app.py"]
    assert [one.path for one in report.skipped] == ["gone.py", "same.py"]
    assert "link" in report.skipped[0].reason


def test_files_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "app.py").write_text(CLIENT)
    (tmp_path / "b.py").write_text(
        "import pusher\nfrom app import KEY\nc = pusher.Pusher('1', KEY, 's')\n"
    )
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()

    genuine = type(tmp_path).read_bytes

    def read_bytes(self: Path) -> bytes:
        if self.name == "app.py":
            raise PermissionError(13, "no", str(self))
        return genuine(self)

    monkeypatch.setattr("pathlib.Path.read_bytes", read_bytes)
    report = read_project(tmp_path)
    assert [(one.path, one.reason) for one in report.skipped] == [
        ("app.py", "it cannot be read"),
        ("pipe.py", "it cannot be read"),
    ]
    assert [one.path for one in all_of(report, "client")] == ["b.py"]


def test_a_folder_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "locked").mkdir()
    genuine = os.scandir

    def scandir(path: Any) -> Any:
        if str(path).endswith("locked"):
            raise PermissionError(13, "no", str(path))
        return genuine(path)

    monkeypatch.setattr("os.scandir", scandir)
    [skipped] = read_project(tmp_path).skipped
    assert (skipped.path, skipped.reason) == ("locked", "this folder cannot be read")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_a_folder_of_somebody_else(tmp_path: Path):
    (tmp_path / "app.py").write_text(CLIENT)
    for name, mode in (("closed", 0o000), ("listed", 0o744)):
        (tmp_path / name).mkdir()
        for file in ("app.py", ".gitignore", "requirements.txt"):
            (tmp_path / name / file).write_text(CLIENT)
        (tmp_path / name / "inner").mkdir()
        (tmp_path / name).chmod(mode)
    (tmp_path / ".gitignore").write_text("")
    (tmp_path / ".gitignore").chmod(0o600)
    around = [one for one in (tmp_path, *tmp_path.parents) if one.stat().st_mode & 0o777 == 0o700]
    for one in around:
        one.chmod(0o755)
    os.seteuid(NOBODY)
    try:
        report = read_project(tmp_path)
    finally:
        os.seteuid(0)
        for one in around:
            one.chmod(0o700)
    assert [(one.path, one.reason) for one in report.skipped] == [
        ("closed", "this folder cannot be read"),
        ("listed/app.py", "it cannot be read"),
        ("listed/inner", "this folder cannot be read"),
    ]
    assert [one.path for one in all_of(report, "client")] == ["app.py"]


def test_a_folder_that_cannot_be_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "app.py").write_text(CLIENT)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "b.py").write_text(CLIENT)
    (tmp_path / "data" / "requirements.txt").write_text("pytest")
    genuine = os.stat

    def refused(path: Any, *rest: Any, **options: Any) -> Any:
        if os.path.dirname(os.fspath(path)).endswith("data"):
            raise PermissionError(13, "no", path)
        return genuine(path, *rest, **options)

    monkeypatch.setattr("os.stat", refused)
    monkeypatch.setattr("os.lstat", refused)
    report = read_project(tmp_path)
    assert [(one.path, one.reason) for one in report.skipped] == [
        ("data/b.py", "it cannot be read")
    ]


def test_small_files_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "app.py").write_text(CLIENT)
    (tmp_path / ".gitignore").write_text("")
    (tmp_path / "requirements.txt").write_text("pytest")

    def refused(self: Path, *args: Any, **options: Any) -> str:
        raise PermissionError(13, "no", str(self))

    monkeypatch.setattr("pathlib.Path.read_text", refused)
    assert only(read_project(tmp_path), "client").path == "app.py"


@pytest.mark.parametrize("name", ["pipe", "nowhere"])
def test_what_is_no_project(tmp_path: Path, name: str):
    os.mkfifo(tmp_path / "pipe")
    text = f"{name} is neither a folder nor a file that could be read"
    with pytest.raises(UsageError, match=text):
        read_project(tmp_path / name)


def test_a_file_that_goes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "app.py").write_text(CLIENT)
    genuine = type(tmp_path).stat

    def stat(self: Path, **options: Any) -> Any:
        if self.name == "app.py":
            raise FileNotFoundError(2, "gone", str(self))
        return genuine(self, **options)

    monkeypatch.setattr("pathlib.Path.stat", stat)
    [skipped] = read_project(tmp_path).skipped
    assert skipped.reason == "it cannot be read"


def test_one_file(tmp_path: Path):
    (tmp_path / "app.py").write_text(CLIENT)
    (tmp_path / "other.py").write_text(CLIENT)
    report = read_project(tmp_path / "app.py")
    assert [one.path for one in report.findings] == ["app.py"]
    assert report.files == 1


BROKEN = """\
import pusher
print("on"
PART = "7ad3773142a6692b25b8"
c = pusher.Pusher("1", "k", secret="7ad3f0b1c2d3e4f5a6b7")
d = pusher.Pusher("1", "k", "7ad3f0b1c2d3e4f5a6c8")
e = pusher.Pusher("1", "k")
f = pusher.Pusher(
    app_id="1",
    secret=u'7ad3f0b1c2d3e4f5a6d9',
)
"""


def test_secrets_of_clients_in_what_cannot_be_parsed(read: Any):
    report = read({"app.py": BROKEN, "other.py": BROKEN.replace("import pusher", "# pusher")})
    assert [(one.path, one.line) for one in all_of(report, "secret") if one.path == "app.py"] == [
        ("app.py", 4),
        ("app.py", 5),
        ("app.py", 9),
    ]
    reasons = {one.path: one.reason for one in report.skipped}
    assert reasons["app.py"].startswith("cannot be parsed (line 2: '(' was never closed)")


PYTHON_2 = b"""\
# -*- coding: latin-1 -*-
import pusher, os
from django.conf import settings
PUSHER_SECRET = u'7ad3773142a6692b25b8'  # caf\xe9
PUSHER_CLUSTER = 'eu'; print "starting"
p = pusher.Pusher(settings.PUSHER_APP_ID, os.environ["PUSHER_KEY"], PUSHER_SECRET)
# pusher.Pusher(old)

class Mine(pusher.Pusher()):
    key = os.environ.get('PUSHER_OTHER_KEY')

def send():
    Pusher('1', 'k', 's').trigger()
    urllib2.urlopen("http://api.pusherapp.com/apps/1")
"""


def test_python_2_is_read_by_lines(read: Any):
    report = read({"old.py": PYTHON_2})
    [skipped] = report.skipped
    assert skipped.reason.startswith("cannot be parsed (line 5: ")
    assert skipped.reason.endswith("): read line by line, less is seen")
    assert all_of(report, "unparsed") == []  # it is told once
    first, second = all_of(report, "client")
    assert (first.line, first.when, first.door) == (6, "import", "sdk")
    assert (second.line, second.when) == (13, "call")
    assert only(report, "secret").line == 4
    assert only(report, "http").door == "none"
    key = setting(report, "PUSHER_KEY")
    assert (key.kind, key.required, key.at_import) == ("key", True, True)
    assert setting(report, "PUSHER_APP_ID").source == "django"
    assert not setting(report, "PUSHER_OTHER_KEY").required


@pytest.mark.parametrize(
    ("library", "label", "door"),
    [("pysher", "pysher.Pusher", "sdk"), ("pusherclient", "pusher.Pusher", "websocket")],
)
def test_the_other_libraries_by_lines(read: Any, library: str, label: str, door: str):
    code = f"from {library} import Pusher\nprint 1\nc = Pusher('k')\n"
    found = only(read({"old.py": code}), "client")
    assert (found.text, found.door) == (f"{label} built at import", door)


def test_without_an_import_there_is_no_client(read: Any):
    assert all_of(read({"old.py": "print 1\nPusher('k')\nos.environ['X']\n"}), "client") == []


@pytest.mark.parametrize(
    "data",
    [
        b"import pusher\x00\n",
        b"import pusher\nx = " + b"(" * 500 + b")" * 500,
        b"import pusher\ndef f(:\n",
        b"# coding: nonsense\nimport pusher\n",
        b"import pusher\nx = '\xff\xfe'\n",
    ],
)
def test_broken_python_is_no_obstacle(read: Any, data: bytes):
    report = read({"broken.py": data, "app.py": CLIENT})
    [skipped] = report.skipped
    assert (skipped.path, skipped.reason.partition("(")[0]) == ("broken.py", "cannot be parsed ")
    assert only(report, "client").path == "app.py"


def test_text_that_has_no_bytes():
    with pytest.raises(NotParsed, match="surrogates not allowed"):
        parse("x = '\ud800'")


@pytest.mark.parametrize(
    "code",
    [
        f"x = {'+'.join(['a'] * 3000)}\n",
        f"x = {'+'.join(['a'] * 1200)}\n",
        "if a:\n    x = 1\n" + "elif a:\n    x = 1\n" * 1200,
    ],
    ids=["parser", "scopes", "module"],
)
def test_what_is_nested_too_deep(read: Any, code: str):
    deep = f"import pusher\n{code}"
    report = read({"deep.py": deep, "b.py": f"from deep import x\n{CLIENT}"})
    assert only(report, "client").path == "b.py"
    [skipped] = report.skipped
    assert skipped.path == "deep.py"
    assert "it is nested too deep" in skipped.reason


def test_encodings(read: Any):
    report = read(
        {
            "a.py": "# -*- coding: latin-1 -*-\nS = 'caf\xe9'\n".encode("latin-1")
            + CLIENT.encode(),
            "b.py": b"\xef\xbb\xbf" + CLIENT.encode(),
            "c.js": "new Pusher('abc')".encode("utf-16"),
            "d.js": "// caf\xe9\nnew Pusher('abc')".encode("latin-1"),
        }
    )
    assert [one.path for one in all_of(report, "client")] == ["a.py", "b.py"]
    assert [(one.path, one.line) for one in all_of(report, "page")] == [("c.js", 1), ("d.js", 2)]
    assert decode(b"\xff\xfea", "page") == "\xff\xfea"


def test_warnings_of_old_code_are_not_ours(read: Any):
    assert only(read({"app.py": f"{CLIENT}x = '\\d'\ny = 1 is 1\n"}), "client").line == 2


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/a.py", True),
        ("shop/tests/base.py", True),
        ("shop/test_a.py", True),
        ("shop/tests.py", True),
        ("shop/a_test.py", True),
        ("conftest.py", True),
        ("web/a.spec.ts", True),
        ("shop/contest.py", False),
        ("shop/latest.py", False),
    ],
)
def test_what_is_a_test(path: str, expected: bool):
    assert is_test(path) is expected


def test_the_order_is_that_of_paths_and_lines(read: Any, tmp_path: Path):
    report = read({f"{name}.py": CLIENT * 2 for name in "dacb"})
    places = [(one.path, one.line) for one in report.findings]
    assert places == sorted(places)
    assert len(places) == 8
    assert read_project(tmp_path) == report


def test_two_thousand_files_in_a_few_seconds(tmp_path: Path):
    other = "\n".join(f"def f{number}(a, b):\n    return a + b" for number in range(50))
    for folder in range(20):
        (tmp_path / f"part{folder}").mkdir()
        for number in range(100):
            text = CLIENT + other if number % 10 == 0 else other
            (tmp_path / f"part{folder}" / f"m{number}.py").write_text(text)
    begin = perf_counter()
    report = read_project(tmp_path)
    took = perf_counter() - begin
    assert report.files == 2000
    assert len(all_of(report, "client")) == 200
    assert took < 20, "a few seconds on a machine that does nothing else"
