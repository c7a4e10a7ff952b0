"""An application's own ``compat.py``: found, and explained where the error is shown."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from tests.suites import PLUGINS

import compat
from pusher_mock import clash

SRC = Path(clash.__file__).resolve().parent.parent


def _in_folder(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_names_are_those_of_the_switch():
    assert set(compat.__all__) == clash.NAMES
    assert {path.stem for path in (SRC / "compat").iterdir()} >= clash.ROOMS


def test_without_a_clash():
    assert clash.find() is None
    assert clash.explain(ImportError("cannot import name 'pusher_server' from 'compat'")) is None


def test_the_command_line(tmp_path: Path):
    fine = _in_folder(tmp_path, "-m", "pusher_mock.clash")
    assert (fine.returncode, fine.stderr) == (0, "")
    assert fine.stdout == f"`import compat` finds the switch of pusher-mock: {SRC / 'compat'}\n"
    (tmp_path / "compat.py").write_text("text_type = str\n")
    clashing = _in_folder(tmp_path, "-m", "pusher_mock.clash")
    assert clashing.returncode == 1
    assert f"finds {tmp_path.resolve() / 'compat.py'}, which hides the switch" in clashing.stdout
    assert "Rename compat.py, or move it into the package of your project" in clashing.stdout


def test_a_package_and_the_reverse_case(tmp_path: Path):
    (tmp_path / "compat").mkdir()
    (tmp_path / "compat" / "__init__.py").write_text("text_type = str\n")
    clashing = _in_folder(tmp_path, "-m", "pusher_mock.clash")
    assert f"finds {tmp_path.resolve() / 'compat'}, which hides the switch" in clashing.stdout
    # The switch comes first: theirs is hidden, and that is no failure of the switch.
    code = (
        f"import sys; sys.path[:] = [{str(SRC)!r}, *sys.path]; "
        "from pusher_mock.clash import main; sys.exit(main())"
    )
    hidden = _in_folder(tmp_path, "-c", code)
    assert hidden.returncode == 0
    assert "finds the switch of pusher-mock" in hidden.stdout
    assert f"which hides {tmp_path.resolve() / 'compat'}." in hidden.stdout


@pytest.fixture
def shadowed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """Another module of that name is loaded in this process."""
    path = tmp_path / "compat.py"
    path.write_text("text_type = str\n")
    other = ModuleType("compat")
    other.__spec__ = spec_from_file_location("compat", path)
    for name in [*sys.modules]:
        if name.startswith("compat."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "compat", other)
    return other


def _raised(code: str) -> BaseException:
    with pytest.raises((ImportError, AttributeError, ValueError)) as caught:
        exec(code, {})
    return caught.value


@pytest.mark.parametrize(
    "code",
    [
        "from compat import pusher_server",
        "import compat; compat.get_pusher_server()",
        "import compat.django",
        "from compat.flask import Pusher",
        "try: from compat import override\nexcept ImportError as e: raise ValueError('x') from e",
        "try: import compat.django.views\nexcept ImportError: raise ValueError('x')",
    ],
)
@pytest.mark.usefixtures("shadowed")
def test_errors_that_come_from_it(code: str):
    text = clash.explain(_raised(code))
    assert text is not None
    assert "which hides the switch of pusher-mock" in text


@pytest.mark.parametrize(
    "code",
    [
        "from compat import something_of_theirs",
        "import compat; compat.something_of_theirs",
        "import compat.something",
        "import no_such_module",
        "from os import pusher_server",
        "''.pusher_server",
        "raise ValueError('compat')",
    ],
)
@pytest.mark.usefixtures("shadowed")
def test_errors_that_do_not(code: str):
    assert clash.explain(_raised(code)) is None


def test_the_reverse_case_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "compat.py").write_text("text_type = str\n")
    monkeypatch.syspath_prepend(str(tmp_path))  # hidden: the switch is loaded
    text = clash.explain(_raised("from compat import text_type"))
    assert text is not None
    assert "finds the switch of pusher-mock" in text
    assert clash.explain(_raised("from compat.nowhere import x")) is not None
    assert clash.explain(ImportError("cannot import name 'pusher_server' from 'compat'")) is None


def test_modules_that_nobody_can_place(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "compat", ModuleType("compat"))
    assert clash.find() is None  # no spec at all
    monkeypatch.delitem(sys.modules, "compat")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert clash.find() is None

    def without_a_spec(name: str) -> None:
        raise ValueError(f"{name}.__spec__ is None")

    monkeypatch.setattr("importlib.util.find_spec", without_a_spec)
    assert clash.find() is None


def test_a_chain_of_causes_that_never_ends(shadowed: ModuleType):
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert clash.explain(one) is None


SUITE = {
    "test_collecting.py": "from compat import pusher_server\n\ndef test_it(): pass\n",
    "test_running.py": "def test_it():\n    import compat.django\n",
    "test_unrelated.py": "from compat import nothing_of_ours\n",
}


def test_pytest_shows_it(pytester: pytest.Pytester):
    for name, text in {"compat.py": "text_type = str\n", **SUITE}.items():
        (pytester.path / name).write_text(text)
    result = pytester.run(
        sys.executable, "-m", "pytest", *PLUGINS, "--continue-on-collection-errors"
    )
    result.assert_outcomes(failed=1, errors=2)
    text = result.stdout.str()
    assert text.count("pusher-mock: which compat?") == 2
    assert f"finds {pytester.path / 'compat.py'}, which hides the switch" in text


def test_pytest_is_silent_without_a_clash(pytester: pytest.Pytester):
    for name, text in SUITE.items():
        (pytester.path / name).write_text(text)
    result = pytester.run(
        sys.executable, "-m", "pytest", *PLUGINS, "--continue-on-collection-errors"
    )
    result.stdout.no_fnmatch_line("*which compat*")
