"""How a process begins: `sitecustomize` in any Python, and what it hands over to."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock.bootstrap import REPORTS, VARIABLE, beginning, lasting
from pusher_mock.bootstrap.reports import read_failures
from pusher_mock.cli.surroundings import STARTUP

if TYPE_CHECKING:
    from pathlib import Path

SITECUSTOMIZE = STARTUP / "sitecustomize.py"
ROOTS = frozenset({"one-of-the-roots"})

# Grammar ------------------------------------------------------------------------------------------

MODERN = (
    ast.AnnAssign, ast.AsyncFor, ast.AsyncFunctionDef, ast.AsyncWith, ast.Await, ast.JoinedStr,
    ast.MatMult, ast.Match, ast.NamedExpr, ast.Nonlocal, ast.TryStar, ast.YieldFrom,
)  # fmt: skip


def is_modern(node: ast.AST) -> bool:
    """Whether Python 2.7 would not read this, or would read it as something else."""
    if isinstance(node, ast.arguments):
        return bool(node.kwonlyargs or node.posonlyargs)
    if isinstance(node, ast.FunctionDef):
        return node.returns is not None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in {"print", "super"}
    return (
        isinstance(node, MODERN)
        or (isinstance(node, ast.arg) and node.annotation is not None)
        or (isinstance(node, ast.Raise) and node.cause is not None)
        or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
        or (isinstance(node, ast.ClassDef) and bool(node.keywords))
    )


def test_any_python_can_read_it():
    tree = ast.parse(SITECUSTOMIZE.read_bytes().decode("ascii"))
    assert [ast.unparse(node) for node in ast.walk(tree) if is_modern(node)] == []


@pytest.mark.parametrize("text", [
    "f'{x}'", "x: int = 1", "def f(a, *, b): pass", "def f() -> None: pass", "raise A from b",
    "print(x)", "from __future__ import annotations", "def f(a, /): pass", "class A(b=C): pass",
])  # fmt: skip
def test_what_an_old_python_could_not_read(text: str):
    assert any(map(is_modern, ast.walk(ast.parse(text))))


# Old Pythons --------------------------------------------------------------------------------------

RUN = """
import sys
sys.version_info = {version!r}
found = {{"__name__": "sitecustomize", "__file__": {path!r}}}
exec(open({path!r}).read(), found)
print("goes on")
"""
IMP = """
import sys, types
def find_module(name, path):
    if {missing}:
        raise ImportError(name)
    return "what", "was", "found"
def load_module(*found):
    print(*found, "sitecustomize" in sys.modules)
sys.modules["sitecustomize"] = sys
sys.modules["imp"] = types.SimpleNamespace(find_module=find_module, load_module=load_module)
"""


def started(tmp_path: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program where `pusher-mock run` would read what it has to tell."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**kept, VARIABLE: "{}", REPORTS: str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("version", "ask"), [
    ((3, 6, 15), "import socket"), ((3, 10, 13), "import http.client"),
    ((3, 6, 15), "found['_TooOld']().find_module('_socket')"),
])  # fmt: skip
def test_a_python_that_is_too_old(version: tuple[int, int, int], ask: str, tmp_path: Path):
    program = RUN.format(version=version, path=str(SITECUSTOMIZE))
    assert started(tmp_path, program).returncode == 0  # what is no application
    result = started(tmp_path, program + ask)
    why = (
        f"{sys.executable} cannot catch calls of Pusher, and ends: it is Python 3.{version[1]}, "
        "and needs to be 3.11 or newer"
    )
    assert (result.returncode, result.stderr) == (2, f"pusher-mock: {why}\n")
    assert result.stdout == "goes on\n"
    assert read_failures(str(tmp_path)) == [why]


def test_a_python_that_is_too_old_and_has_the_network_already(tmp_path: Path):
    program = "import socket" + RUN.format(version=(3, 6, 15), path=str(SITECUSTOMIZE))
    result = started(tmp_path, program)
    assert (result.returncode, result.stdout) == (2, "")


@pytest.mark.parametrize(("missing", "said"), [(True, ""), (False, "sitecustomize what was found")])
def test_what_it_hides_from_python_2(missing: bool, said: str, tmp_path: Path):
    program = IMP.format(missing=missing)
    # Text is bytes there.
    program += RUN.format(version=(2, 7, 18), path=str(SITECUSTOMIZE)).replace(
        ".read()", '.read().replace("os.write(file, text)", "pass")'
    )
    result = started(tmp_path, program)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ([f"{said} False"] if said else []) + ["goes on"]


# With none of them here this is empty; the tests above pretend to be old.
OLD = [
    name
    for name in ("python2.7", "python3.6", "python3.8", "python3.10")
    if shutil.which(name)
    and subprocess.run([name, "-V"], capture_output=True, check=False).returncode == 0
]


def test_old_pythons_themselves(tmp_path: Path):
    for name in OLD:
        is_refused(name, tmp_path)


def is_refused(python: str, tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(STARTUP),
        "PYTHONDONTWRITEBYTECODE": "1",
        VARIABLE: "{}",
        REPORTS: str(tmp_path),
    }
    said = []
    for program, code, out in (("print('runs')", 0, "runs"), ("import socket; print('no')", 2, "")):
        result = subprocess.run(
            [python, "-c", program], env=environment, capture_output=True, text=True, check=False
        )
        assert (result.returncode, result.stdout.strip()) == (code, out), result.stderr
        said.append(result.stderr)
    assert f"it is Python {python.removeprefix('python')}, and" in said[1]


def test_what_is_handed_over_to_is_missing(tmp_path: Path):
    (tmp_path / "startup").mkdir()
    path = shutil.copy(SITECUSTOMIZE, tmp_path / "startup")
    version = tuple(sys.version_info)
    result = started(tmp_path, RUN.format(version=version, path=str(path)))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.endswith(
        "and ends: ImportError: there is no module pusher_mock.bootstrap.beginning\n"
    )


# Pythons of today ---------------------------------------------------------------------------------


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often calls have begun to be caught."""
    begun: list[str] = []
    monkeypatch.setattr(lasting, "begin", lambda: begun.append("begun"))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    return begun


def test_it_begins_before_the_first_of_the_roots(begun: list[str]):
    beginning.begin_before(ROOTS, begun.append)
    waiting: Any = sys.meta_path[0]
    assert waiting.find_spec("another-module") is None
    assert begun == []
    found: Any = SimpleNamespace(find_spec=lambda name, path, target: f"the spec of {name}")
    sys.meta_path[:] = [waiting, SimpleNamespace(), *sys.meta_path[1:]]
    assert waiting.find_spec("one-of-the-roots") is None  # nobody knows it
    sys.meta_path.append(found)
    assert waiting.find_spec("one-of-the-roots") == "the spec of one-of-the-roots"
    assert begun == ["begun"]
    assert waiting not in sys.meta_path


def test_it_begins_at_once_where_one_is_imported_already(begun: list[str]):
    beginning.begin_before(frozenset({"sys"}), begun.append)
    assert begun == ["begun"]


def test_it_cannot_begin(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(VARIABLE, "{")
    said: list[str] = []
    beginning.begin_before(frozenset({"sys"}), said.append)
    [why] = said
    assert why.startswith("UsageError: PUSHER_MOCK_INTERCEPT is written by")


def test_the_package_is_provided_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch):
    package = sys.modules["pusher_mock"]
    monkeypatch.delitem(sys.modules, "pusher_mock")
    beginning._provide()  # it is installed
    assert "pusher_mock" not in sys.modules
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    beginning._provide()
    assert sys.modules["pusher_mock"].__file__ == package.__file__
    monkeypatch.delitem(sys.modules, "pusher_mock")
    monkeypatch.setattr("importlib.util.spec_from_file_location", lambda *a, **k: None)
    beginning._provide()
    assert "pusher_mock" not in sys.modules
