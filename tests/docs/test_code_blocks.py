"""Every code block of README.md and docs/ does what the text around it says.

- `python` blocks of a file run in order, in one namespace and one fresh interpreter, each in a
  fresh current mock. Marked `python continued`, a block stays in the mock of the one before it.
  Marked `python loopback`, a block may open sockets on this machine.
  A block that starts with a comment naming a file (`# shop.py`) can be imported by that name.
- blocks that define tests run under pytest with the installed plugin, on top of the definitions
  of the blocks before them.
- shell blocks run command by command when they start Python or `pusher-mock`; any other command
  must be in `COVERED`, with what runs it.
- `toml`, `json`, `ini` and `dotenv` blocks must parse.

No block is left out: a language that is not known here fails.
"""

from __future__ import annotations

import configparser
import io
import json
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from dotenv.parser import parse_stream
from tests.docs.blocks import Block, commands, is_pytest_style, keep_definitions, read_blocks
from tests.node.runner import MODULES, install

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    if path.is_file()
)

SHELLS = frozenset({"bash", "console", "sh", "shell"})
PROSE = frozenset({"text", "diff", "html", "css", "http", "javascript", "js", "mermaid", "yaml"})
"""Languages that are shown, not run."""

RUN_PREFIXES = ("python", "pusher-mock", "pytest")
TIMEOUT_S = 120

COVERED = {
    "git clone": "CONTRIBUTING.md",
    "cd": "CONTRIBUTING.md",
    "python -m pip install": "tools/setup.sh",
    "make setup": ".ci/run",
    "make run": "tools/smoke_run.py",
    "make test": ".ci/run",
    "make test-example": ".ci/run",
    "make lint": ".ci/run",
    "make types": ".ci/run",
    "make contract": ".ci/run",
    "make check": ".ci/run",
    "make docs": ".ci/run",
    "make docs-serve": "Makefile",
    "make docs-check": "tests/docs/test_code_blocks.py",
    "make bench": "benchmarks",
    "make bench-wire": "benchmarks/wire",
    "make matrix": "tests/test_matrix.py",
}
"""Commands that are not run from the documents: how each starts, and the file that covers it."""


def _blocks(*languages: str) -> list[Block]:
    return [
        block
        for document in DOCUMENTS
        for block in read_blocks(ROOT / document)
        if block.language in languages
    ]


def _id(block: Block) -> str:
    return f"{block.path.relative_to(ROOT)}:{block.line}"


def _environment(folder: Path) -> dict[str, str]:
    """Return this process's environment without its settings, on the mock."""
    # Measuring them would take longer than running them, and other tests cover what they use.
    ours = ("PUSHER_", "NEXT_PUBLIC_", "DJANGO_", "PYTEST_", "COVERAGE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    kept.pop("CI", None)  # where snapshots are not made, and these are new
    scripts = str(Path(sys.executable).parent)
    return kept | {
        "USE_MOCKS": "true",
        "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")]),
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
    }


def _failure(command: list[str], folder: Path) -> str | None:
    """Run in `folder`; return None, or what a failure printed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode == 0:
        return None
    return f"{shlex.join(command)} ended with {done.returncode}:\n{done.stdout}"


def _write_files(blocks: list[Block], folder: Path) -> None:
    """Write the blocks that name a file, so that others can import or start them."""
    for block in blocks:
        if block.file_name is not None:
            path = folder / block.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.padded, encoding="utf-8")


def _python(document: Path) -> list[Block]:
    # An absolute path stays what it is under `/`.
    return [block for block in read_blocks(ROOT / document) if block.language == "python"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_python_blocks_run(document: Path, tmp_path: Path) -> None:
    blocks = _python(document)
    unknown = [block.where for block in blocks if set(block.marks) - {"continued", "loopback"}]
    assert not unknown, f"a python block is marked `continued` or `loopback`: {unknown}"
    if all(is_pytest_style(block) for block in blocks):
        return
    _write_files(blocks, tmp_path)
    command = [sys.executable, "-W", "error", "-m", "tests.docs.run_blocks", str(ROOT / document)]
    if failure := _failure(command, tmp_path):
        pytest.fail(failure, pytrace=False)


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_pytest_blocks_pass(document: Path, tmp_path: Path) -> None:
    blocks = _python(document)
    _write_files([block for block in blocks if not is_pytest_style(block)], tmp_path)
    names: dict[str, Block] = {}
    for number, block in enumerate(blocks):
        if not is_pytest_style(block):
            continue
        # The document with nothing but this block and what it stands on, line for line.
        lines = [""] * (block.line - 1)
        for earlier in blocks[:number]:
            if earlier.file_name is None and not is_pytest_style(earlier):
                kept = keep_definitions(earlier).splitlines()
                lines[earlier.line - 1 : earlier.line - 1 + len(kept)] = kept
        name = f"test_line_{block.line}.py"
        (tmp_path / name).write_text("\n".join([*lines, block.code]), encoding="utf-8")
        names[name] = block
    if not names:
        return
    if any("intercept.playwright" in block.code for block in blocks):
        install()  # of pusher-js, as the reader is told to
        (tmp_path / MODULES.name).symlink_to(MODULES)
    # pytest-asyncio warns until it is told a scope.
    ini = "[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n"
    (tmp_path / "pytest.ini").write_text(ini, encoding="utf-8")
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    # A document that brings Django settings is read by somebody who has pytest-django.
    django = (tmp_path / "config" / "settings.py").exists()
    quiet += ["--ds=config.settings"] if django else ["-p", "no:django"]
    sockets = ["--disable-socket", "--allow-unix-socket", "--strict-markers"]
    failure = _failure([sys.executable, "-m", "pytest", *quiet, *sockets, *names], tmp_path)
    if failure:
        for name, block in names.items():
            failure = failure.replace(f"{name}:", f"{block.path}:")
        pytest.fail(failure, pytrace=False)


@pytest.mark.parametrize("block", _blocks(*SHELLS), ids=_id)
def test_shell_blocks_run_or_are_covered(block: Block, tmp_path: Path) -> None:
    _write_files(_python(block.path), tmp_path)
    for line, command in commands(block):
        where = f"{block.path}:{line}"
        cover = [path for start, path in COVERED.items() if f"{command} ".startswith(f"{start} ")]
        if cover:
            assert (ROOT / cover[0]).exists(), f"{where}: {cover[0]} covers this and is not there"
        elif command.startswith(RUN_PREFIXES):
            if failure := _failure(shlex.split(command), tmp_path):
                pytest.fail(f"{where}: {failure}", pytrace=False)
        else:
            pytest.fail(
                f"{where}: nothing runs `{command}`; add it to COVERED with what does",
                pytrace=False,
            )


def _parse(block: Block) -> None:
    match block.language:
        case "toml":
            tomllib.loads(block.code)
        case "json":
            json.loads(block.code)
        case "ini" if any(line.startswith("[") for line in block.code.splitlines()):
            configparser.ConfigParser(interpolation=None).read_string(block.code)
        case _:
            for binding in parse_stream(io.StringIO(block.code)):
                said = binding.original.string.strip()
                if binding.error or (binding.key is not None and binding.value is None):
                    raise ValueError(f"not a setting: {said!r}")


@pytest.mark.parametrize("block", _blocks("toml", "json", "ini", "dotenv", "env", ".env"), ids=_id)
def test_settings_parse(block: Block) -> None:
    failure = None
    try:
        _parse(block)
    except (ValueError, configparser.Error) as error:
        failure = f"{block.where}: {error}"
    if failure:
        pytest.fail(failure, pytrace=False)


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_block_is_of_a_known_kind(document: Path) -> None:
    known = SHELLS | PROSE | {"python", "toml", "json", "ini", "dotenv", "env", ".env"}
    strange = [
        f"{block.where}: {block.language or 'no language'}"
        for block in read_blocks(ROOT / document)
        if block.language not in known
    ]
    assert not strange, f"name a language (`text` for output): {strange}"
